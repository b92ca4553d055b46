// The smoke test on a system that is well, and on systems that are not.

import Fixtures
import Models
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Smoke test` {
        private func withRelease(
            _ body: (FreshetSystem, _ environment: [String: String]) async throws -> Void
        ) async throws {
            try await withSystem { system in
                // The lists overlap, so that de-duplication has something to do.
                let numbers = 1...30
                try await ReleaseFixture(
                    "r-smoke",
                    offline: (1...3).map { user in ("u\(user)", numbers.map { "x\($0 * 2)" }) },
                    similar: [("x1", (1...15).map { "x\($0 * 3)" })], popular: (1...60).map { "x\($0)" }
                ).publish(to: system.releases)
                try await system.start(.loader)
                let gateway = try await system.start(.gateway)
                let ingest = try await system.start(.ingest)
                try await system.load("r-smoke")
                for process in [gateway, ingest] { try await process.awaitReady() }
                try await body(
                    system, ["GATEWAY_PORT": "\(gateway.port)", "INGEST_PORT": "\(ingest.port)"])
            }
        }

        @Test func `a system that is well keeps its promise for all four users`() async throws {
            try await withRelease { system, environment in
                try await system.start(.features).awaitReady()
                let result = try await system.command("smoke", environment: environment)
                #expect(result.status == .exited(0), "\(result.output)")
                for text in [
                    "1. offline and online", "2. offline only", "3. cold with an event", "4. cold with nothing",
                    "because of view x1", "20 in all", "all four users as promised",
                ] { #expect(result.output.contains(text), "\(text) is missing from\n\(result.output)") }
            }
        }

        @Test func `events that nobody applies are a broken promise`() async throws {
            try await withRelease { system, environment in
                let result = try await system.command("smoke", environment: environment)
                #expect(result.status == .exited(1))
                #expect(result.output.contains("BROKEN: the answer does not show the event"), "\(result.output)")
                #expect(result.output.contains("promises are broken"), "\(result.output)")
            }
        }

        @Test func `without a generation it says what to do`() async throws {
            try await withSystem { system in
                let result = try await system.command("smoke")
                #expect(result.status != .exited(0))
                #expect(result.output.contains("freshet reload"), "\(result.output)")
            }
        }
    }
}
