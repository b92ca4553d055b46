// What the load test must never do: let a slow system slow down the questions. A server that stalls on purpose, as no
// real one does on demand.

import FoundationEssentials
import Models
import Synchronization
import TestServers
import Testing
import WebClient

@testable import Workload

@Suite(.timeLimit(.minutes(1))) struct OpenLoopTests {
    private static func text(_ status: Int, _ body: String, _ headers: String = "") -> String {
        "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
    }

    /// Answers as a gateway does, once `mayAnswer` says so; `answer` decides by the path and the request's number.
    private func withGateway(
        _ answer: @escaping @Sendable (_ path: String, _ number: Int) -> String?,
        _ body: (WebAddress) async throws -> Void
    ) async throws {
        let count = Atomic(0)
        let listener = try LoopbackListener { connection, _ in
            var received = ""
            while case let bytes = connection.read(), !bytes.isEmpty {
                received += String(decoding: bytes, as: UTF8.self)
                while let end = received.firstRange(of: "\r\n\r\n") {
                    let path = String(received.split(separator: " ").dropFirst().first ?? "")
                    received = String(received[end.upperBound...])
                    if path == "/readyz" {
                        _ = connection.write(Array(Self.text(200, "{}").utf8))
                        continue
                    }
                    let number = count.add(1, ordering: .relaxed).oldValue
                    guard let text = answer(path, number) else { return connection.cut() }
                    _ = connection.write(Array(text.utf8))
                }
            }
        }
        defer { listener.close() }
        try await body(WebAddress(host: "127.0.0.1", port: listener.port))
    }

    private func run(
        _ gateway: WebAddress, _ change: (inout WorkloadParameters) -> Void
    ) async throws -> WorkloadReport {
        var parameters = WorkloadParameters()
        parameters.durationSeconds = 1
        parameters.ratePerSecond = 100
        parameters.mix = try #require(WorkloadMix("1:0"))
        change(&parameters)
        return try await Workload(
            parameters, population: .generated(users: 10, items: 10, seed: 1),
            targets: LoadTargets(gateway: gateway, events: .http(gateway))
        ).run { _ in }
    }

    private static let good = text(
        200,
        #"{"stale":false,"recommendations":[{"source":"online"},{"source":"offline"},{"source":"popular"},"#
            + #"{"source":"online"}]}"#, "X-Served-By: full\r\n")

    @Test func `a stall is in the latency of everything that was due meanwhile`() async throws {
        let stall = Stall()
        try await withGateway { _, number in
            // The first answer comes once the whole second's arrivals are due; there is one connection only.
            if number == 0 { stall.hold(milliseconds: 1200) }
            return Self.good
        } _: { gateway in
            let report = try await run(gateway) { $0.connections = 1 }
            #expect(report.sent.recommendations == 100)
            #expect(report.recommendations.count == 100)
            // All hundred waited until 1.2 s; those due in the first half for at least 0.7 s. Counted from when they
            // were sent, all but one would have taken no time.
            #expect(report.recommendations.p50Ms > 400)
            #expect(report.recommendations.minMs > 100)
            #expect(report.errors.isEmpty)
            #expect(report.items == ["online": 200, "offline": 100, "popular": 100])
            #expect(report.servedBy == ["full": 100])
            // The wait for the one connection is the system's, not the load test's own.
            #expect(report.lateness.count == 100)
            #expect(report.lateness.p50Ms < 100)
        }
    }

    @Test func `failures are counted by kind and kept out of the latencies`() async throws {
        try await withGateway { _, number in
            switch number % 4 {
            case 0: Self.text(503, "")
            case 1: nil
            default: Self.good
            }
        } _: { gateway in
            let report = try await run(gateway) { $0.connections = 1 }
            #expect(report.sent.recommendations == 100)
            #expect(report.errors == ["status 503": 25, "connection lost": 25])
            #expect(report.recommendations.count == 50)
            #expect(report.errorShare == 0.5)
            var limits = WorkloadLimits()
            #expect(limits.exceeded(by: report).count == 1)
            limits.errorShare = 0.5
            #expect(limits.exceeded(by: report).isEmpty)
            limits.p99Ms = 0
            limits.freshnessP99Ms = 1000
            #expect(
                limits.exceeded(by: report).map { $0.prefix { $0 != ";" } }.last
                    == "p99 from event to answer was not measured")
            #expect(limits.exceeded(by: report).count == 2)
        }
    }

    @Test func `what is not sent in time is said, and ends`() async throws {
        let stall = Stall()
        try await withGateway { _, _ in
            stall.hold(milliseconds: 100)
            return Self.good
        } _: { gateway in
            let report = try await run(gateway) {
                $0.connections = 1
                $0.overtimeSeconds = 0
            }
            #expect(report.sent.unsent > 50)
            #expect(report.errors == ["not sent in time": report.sent.unsent])
            #expect(report.sent.recommendations + report.sent.unsent == 100)
            #expect(!WorkloadLimits().exceeded(by: report).isEmpty)
        }
    }

    @Test func `a stop ends the load and leaves a report`() async throws {
        try await withGateway { _, _ in
            Self.good
        } _: { gateway in
            var parameters = WorkloadParameters()
            parameters.durationSeconds = 3600
            parameters.ratePerSecond = 50
            parameters.mix = try #require(WorkloadMix("1:0"))
            let workload = try Workload(
                parameters, population: .generated(users: 10, items: 10, seed: 1),
                targets: LoadTargets(gateway: gateway, events: .http(gateway)))
            let report = try await workload.run { progress in if progress.sent > 0 { workload.stop() } }
            #expect(report.wasStopped)
            #expect(report.recommendations.count == report.sent.recommendations)
            #expect(report.text.contains("stopped early"))
        }
    }

    @Test func `a system that is not there is said at once, and where it was looked for`() async throws {
        let listener = try LoopbackListener { _, _ in }
        let nobody = WebAddress(host: "127.0.0.1", port: listener.port)
        listener.close()
        await #expect { _ = try await run(nobody) { _ in } } throws: { error in
            "\(error)".contains("the gateway does not answer at \(nobody)") && "\(error)".contains("make up")
        }
    }
}

/// Blocks a server's thread for a time.
private struct Stall {
    func hold(milliseconds: Int) {
        let latch = Latch()
        BlockingThread.run(afterMs: milliseconds) { latch.open() }
        latch.wait()
    }
}
