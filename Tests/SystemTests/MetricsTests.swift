// What /metrics says is what was really done: every request, event and item that a client sent or got is counted once.

import Fixtures
import Models
import NIOHTTP1
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Metrics` {
        private static let template = #"handler="/v1/recommendations/{user_id}""#

        @Test func `count exactly what was sent`() async throws {
            try await withSystem { system in
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                let loader = try await system.start(.loader)
                let features = try await system.start(.features)
                let ingest = try await system.start(.ingest)
                let gateway = try await system.start(.gateway)
                for process in [features, ingest, gateway] { try await process.awaitReady() }

                try await Self.sendEvents(to: ingest, system)
                let items = try await Self.askForRecommendations(gateway)

                try await Self.checkGateway(gateway, items)
                try await Self.checkEvents(ingest, features)
                try await Self.checkLoader(loader)
            }
        }

        /// Events by HTTP singly and together, refused ones, direct ones, repeated ones, and rubbish.
        private static func sendEvents(to ingest: FreshetProcess, _ system: FreshetSystem) async throws {
            for number in 1...7 {
                let body = #"{"user_id": "u\#(number % 3 + 1)", "item_id": "i\#(number)"}"#
                #expect(try await HTTP.post(ingest.port, "/v1/events", body).status == 200)
            }
            let lines = (1...20).map { #"{"user_id": "u4", "item_id": "i\#($0 % 10 + 1)", "event_id": "e\#($0)"}"# }
            let all = lines + lines.prefix(4)
            let batch = try await HTTP.post(
                ingest.port, "/v1/events", all.joined(separator: "\n"), type: "application/x-ndjson")
            #expect(batch.status == 200)
            for _ in 1...3 { #expect(try await HTTP.post(ingest.port, "/v1/events", "{}").status == 400) }
            #expect(try await HTTP.post(ingest.port, "/put?user_id=5&item_id=6").status == 200)
            for number in 1...5 {
                _ = try await system.redisCLI("XADD", "events", "*", "user_id", "u5", "item_id", "i\(number)")
            }
            for _ in 1...2 { _ = try await system.redisCLI("XADD", "events", "*", "nothing", "here") }
            try await system.awaitAllApplied()
        }

        /// Whole answers, a known error and an unknown route; the items of the answers by source.
        private static func askForRecommendations(_ gateway: FreshetProcess) async throws -> [String: Int] {
            var items: [String: Int] = [:]
            for round in 1...6 {
                for user in ["u1", "u2", "u3", "u4", "u5", "nobody"] {
                    let answer = try await HTTP.get(gateway.port, "/v1/recommendations/\(user)?k=\(round * 5)")
                    for source in try answer.recommendations().sources { items[source, default: 0] += 1 }
                }
            }
            for _ in 1...4 {
                #expect(try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=0").status == 400)
                #expect(try await HTTP.get(gateway.port, "/v1/secret/u1").status == 404)
            }
            return items
        }

        private static func checkGateway(_ gateway: FreshetProcess, _ items: [String: Int]) async throws {
            let served = try await MetricPage.scrape(gateway)
            #expect(served.sum("http_requests_total", template, #"status="200""#) == 36)
            #expect(served.sum("http_requests_total", template, #"status="400""#) == 4)
            #expect(served.sum("http_requests_total", #"handler="none""#, #"status="404""#) == 4)
            #expect(served.sum("http_request_duration_seconds_count", template) == 40)
            #expect(!served.text.contains("secret") && !served.text.contains("nobody"))
            for source in ["online", "offline", "popular"] {
                let counted = served.sum("freshet_recommended_items_total", #"source="\#(source)""#)
                #expect(counted == Double(items[source] ?? 0), "\(source)")
                #expect((counted ?? 0) > 0, "\(source)")
            }
            #expect(served.sum("freshet_answers_total", #"served_by="full""#) == 36)
            #expect(served.sum("freshet_answers_total") == 36)
            #expect(served.sum("freshet_answer_offline_share_count") == 36)
            #expect(served.sum("freshet_parity_violations_total") == 0)
            #expect(served.sum("freshet_errors_total") == 0)
        }

        private static func checkEvents(_ ingest: FreshetProcess, _ features: FreshetProcess) async throws {
            let taken = try await MetricPage.scrape(ingest)
            #expect(taken.sum("freshet_ingested_events_total", #"outcome="accepted""#) == 32)
            #expect(taken.sum("freshet_ingested_events_total", #"outcome="unconfirmed""#) == 0)
            #expect(taken.sum("http_requests_total", #"handler="/v1/events""#, #"status="400""#) == 3)

            let applied = try await MetricPage.scrape(features)
            #expect(applied.sum("freshet_stream_entries_total", #"delivery="first""#) == 39)
            #expect(applied.sum("freshet_events_total", #"outcome="quarantined""#) == 2)
            #expect(applied.sum("freshet_events_total", #"outcome="repeated""#) == 4)
            #expect(applied.sum("freshet_events_total", #"outcome="applied""#) == 33)
            #expect(applied.sum("event_to_recommendation_seconds_count") == 37)
            #expect(applied.sum("freshet_consumer_lag_entries", #"group="features""#) == 0)
            #expect(applied.sum("freshet_consumer_pending_entries", #"group="features""#) == 0)
            #expect(applied.sum("freshet_quarantine_entries") == 2)
        }

        private static func checkLoader(_ loader: FreshetProcess) async throws {
            let loaded = try await MetricPage.scrape(loader)
            #expect(loaded.sum("freshet_release_requests_total", #"outcome="loaded""#) == 1)
            #expect(loaded.sum("freshet_release_load_seconds_count") == 1)
            #expect(loaded.sum("freshet_generation") == 1)
            #expect(loaded.sum("freshet_instances") == 2)
            #expect(loaded.sum("freshet_instances_on_live_generation") == 2)
            #expect((loaded.sum("freshet_object_bytes_total", #"direction="read""#) ?? 0) > 100)
            #expect(loaded.sum("freshet_object_calls_total", #"outcome="failed""#) == 0)
            #expect((loaded.sum("freshet_redis_round_trips_total") ?? 0) > 0)
            #expect((loaded.sum("freshet_redis_round_trip_seconds_count") ?? 0) > 0)
        }

        @Test func `of every role have nothing that promtool objects to`() async throws {
            try await withSystem { system in
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                for role in FreshetProcess.Role.allCases {
                    let process = try await system.start(role)
                    _ = try await HTTP.get(process.port, "/readyz")
                    _ = try await HTTP.get(process.port, "/no/such/route")
                    let page = try await MetricPage.scrape(process)
                    #expect(page.text.contains(#"role="\#(role.rawValue)""#))
                    let file = try system.folder.write(page.text, to: "page")
                    let check = try ChildProcess.spawn(
                        "sh", ["-c", "promtool check metrics < \(file)"], workingDirectory: system.folder.path,
                        logFile: system.folder.appending("promtool.log"))
                    #expect(await check.wait(withinMs: 30_000) == .exited(0), "\(role)")
                    #expect(check.log() == "", "\(role)")
                    // The other format must end, and say so.
                    let other = try await HTTP.withConnection(process.port) {
                        try await $0.send(.GET, "/metrics", headers: [("Accept", "application/openmetrics-text")])
                    }
                    #expect(other.header("content-type")?.hasPrefix("application/openmetrics-text") == true)
                    #expect(other.text.hasSuffix("\n# EOF\n"))
                }
            }
        }
    }
}
