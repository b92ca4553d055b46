// The console's stream of figures: how many may watch, what becomes of those who leave, and its end. And the page's files,
// which are never older than the gateway.

import Fixtures
import NIOHTTP1
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `The console's stream` {
        /// As many as `LiveFigures` lets watch.
        private static let viewersMax = 64

        private func withGateway(_ body: (FreshetSystem, FreshetProcess) async throws -> Void) async throws {
            try await withSystem { system in
                let gateway = try await system.start(.gateway, ["CONSOLE": "view"])
                try await body(system, gateway)
            }
        }

        @Test func `one too many is told so, and is let in when another has left`() async throws {
            try await withGateway { _, gateway in
                var viewers: [EventStreamViewer] = []
                for _ in 0..<Self.viewersMax { viewers.append(try await .open(gateway.port, "/v1/live")) }
                for viewer in viewers {
                    #expect(viewer.status == 200)
                    try await eventually("figures come") { viewer.eventCount > 0 }
                }
                let refused = try await HTTP.get(gateway.port, "/v1/live")
                #expect(refused.status == 503 && refused.header("Retry-After") == "10")
                #expect(refused.text.contains("\(Self.viewersMax) consoles are open"), "\(refused.text)")
                #expect(try await HTTP.get(gateway.port, "/healthz").status == 200)

                // Who has left is noticed when the next figures cannot be written.
                await viewers[0].close()
                try await eventually("another one may watch") {
                    let viewer = try await EventStreamViewer.open(gateway.port, "/v1/live")
                    defer { viewers.append(viewer) }
                    return viewer.status == 200
                }
                #expect(viewers[1].isClosed == false)
                for viewer in viewers { await viewer.close() }
            }
        }

        @Test func `a stop ends the viewers' streams in order, and waits for nobody`() async throws {
            try await withGateway { _, gateway in
                let viewers = [
                    try await EventStreamViewer.open(gateway.port, "/v1/live"),
                    try await EventStreamViewer.open(gateway.port, "/v1/live"),
                ]
                for viewer in viewers { try await eventually("figures come") { viewer.eventCount > 0 } }
                // Sooner than what is given to services before they are cancelled.
                #expect(await gateway.terminate(withinMs: 15_000) == .exited(0))
                for viewer in viewers {
                    try await eventually("the stream has ended") { viewer.isClosed }
                    #expect(viewer.isWhole, "\(viewer.text.suffix(200))")
                }
                #expect(!gateway.log.contains("cancel"), "\(gateway.logTail)")
            }
        }

        @Test func `a Redis that is away leaves the stream open, with nulls`() async throws {
            try await withGateway { system, gateway in
                let viewer = try await EventStreamViewer.open(gateway.port, "/v1/live")
                try await eventually("figures come") { viewer.eventCount > 0 }
                await system.redis.kill()
                try await eventually("figures come without Redis") {
                    viewer.text.suffix(1500).contains(#""lag":null,"pending":null"#)
                }
                #expect(!viewer.isClosed)
                #expect(await gateway.terminate(withinMs: 15_000) == .exited(0))
                try await eventually("the stream has ended") { viewer.isClosed }
                #expect(viewer.isWhole)
            }
        }

        @Test(arguments: ["/", "/console/console.js", "/console/console.css"])
        func `a browser asks whether its copy is current before it shows it`(path: String) async throws {
            try await withGateway { _, gateway in
                try await HTTP.withConnection(gateway.port) { connection in
                    let first = try await connection.get(path)
                    #expect(first.status == 200 && first.header("Cache-Control") == "no-cache")
                    let tag = try #require(first.header("ETag"))
                    let second = try await connection.send(.GET, path, headers: [("If-None-Match", tag)])
                    #expect(second.status == 304 && second.text.isEmpty)
                    // The copy of another version.
                    let old = try await connection.send(.GET, path, headers: [("If-None-Match", "\"1234\"")])
                    #expect(old.status == 200 && old.text == first.text)
                }
            }
        }
    }
}
