// What the gateway tells about its answers: where a request's time went, and figures that /v1/stats and /metrics share.

import HTTPTypes
import HummingbirdTesting
import Ranking
import Telemetry
import Testing
import WebService

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct GatewayTelemetryTests {
    private func phases(_ header: String?) -> [String] {
        (header ?? "").split(separator: ",").map { String($0.drop { $0 == " " }.prefix { $0 != ";" }) }
    }

    @Test func `Server-Timing says where an answer's time went`() async throws {
        let telemetry = ServiceTelemetry(metrics: MetricsRegistry(role: "gateway"), showsTiming: true)
        let name = try #require(HTTPField.Name("Server-Timing"))
        try await withGateway(telemetry: telemetry) { system in
            let generation = try await system.publish(
                TestLists(similar: ["i1": TestLists.names("s", 9)], popular: TestLists.names("p", 9)))
            try await system.touch("u1", "i1", atMs: 1000, generation: generation)
            let answer = try await system.get("/v1/recommendations/u1?k=5")
            #expect(phases(answer.headers[name]) == ["redis", "blend", "write", "total"])
            // An event that never comes is waited for, and the wait stands apart.
            let stale = try await system.get("/v1/recommendations/u1?k=5&after=9999999999999-0&wait_ms=5")
            #expect(phases(stale.headers[name]).contains("wait"))
        }
    }

    @Test func `metrics and /v1/stats are the same figures`() async throws {
        let telemetry = ServiceTelemetry(role: "gateway")
        try await withGateway(telemetry: telemetry) { system in
            let generation = try await system.publish(
                TestLists(similar: ["i1": TestLists.names("s", 9)], popular: TestLists.names("p", 9)))
            try await system.touch("u1", "i1", atMs: 1000, generation: generation)
            for _ in 0..<3 { _ = try await system.get("/v1/recommendations/u1?k=5") }
            let page = String(decoding: await telemetry.metrics.exposition(.prometheus), as: UTF8.self)
            let statistics = system.gateway.statistics
            #expect(statistics.answers(.full) == 3)
            #expect(page.contains(#"freshet_answers_total{role="gateway",served_by="full"} 3"# + "\n"))
            for source in Source.allCases {
                let line = #"freshet_recommended_items_total{role="gateway",source="\#(source.rawValue)"} "#
                #expect(page.contains("\(line)\(statistics.items(source))\n"), "\(source)")
            }
            #expect(page.contains(#"freshet_generation{role="gateway"} \#(generation)"#))
        }
    }
}
