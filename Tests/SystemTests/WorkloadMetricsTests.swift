// What /metrics says after a load test is what the load test says it did: to the last request, event and item, and the
// two readings of freshness lie in the same bucket.

import Fixtures
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `Load test and metrics` {
        private static let template = #"handler="/v1/recommendations/{user_id}""#
        private static let small = ["--users", "20", "--items", "10", "--freshness-share", "1", "--wait-ms", "10000"]

        @Test func `agree to the last request, event and item`() async throws {
            try await withSystemToLoad { system, roles, environment in
                let archive = try await system.start(.archive, ["ARCHIVE_FILE_SECONDS": "1", "ARCHIVE_POLL_MS": "100"])
                var reports: [String: LoadReport] = [:]
                for way in ["http", "xadd"] {
                    reports[way] = try await Self.load(
                        system, environment, way, ["--duration", "2", "--rate", "100", "--mix", "1:1"])
                }
                let (http, direct) = (try #require(reports["http"]), try #require(reports["xadd"]))
                try await system.awaitAllApplied()
                try await Self.checkGateway(roles.gateway, [http, direct])
                try await Self.checkEvents(roles, throughIngest: http.sent.events, direct: direct.sent.events)
                try await Self.checkArchive(archive, events: http.sent.events + direct.sent.events)
            }
        }

        private static func checkGateway(_ gateway: FreshetProcess, _ reports: [LoadReport]) async throws {
            let answers = Double(reports.reduce(0) { $0 + $1.answers })
            let served = try await MetricPage.scrape(gateway)
            #expect(served.sum("http_requests_total", template, #"status="200""#) == answers)
            #expect(served.sum("http_requests_total", template) == answers)
            #expect(served.sum("http_request_duration_seconds_count", template) == answers)
            #expect(served.sum("freshet_answers_total", #"served_by="full""#) == answers)
            #expect(served.sum("freshet_answers_total") == answers)
            #expect(served.sum("freshet_answer_offline_share_count") == answers)
            for source in ["online", "offline", "popular"] {
                let received = reports.reduce(0) { $0 + $1.items[source, default: 0] }
                #expect(received > 0, "\(source)")
                #expect(
                    served.sum("freshet_recommended_items_total", #"source="\#(source)""#) == Double(received),
                    "\(source)")
            }
            #expect(served.sum("freshet_parity_violations_total") == 0)
            #expect(served.sum("freshet_errors_total") == 0)
        }

        private static func checkEvents(_ roles: ServingRoles, throughIngest: Int, direct: Int) async throws {
            #expect(throughIngest > 20 && direct > 20)
            let taken = try await MetricPage.scrape(roles.ingest)
            #expect(taken.sum("freshet_ingested_events_total", #"outcome="accepted""#) == Double(throughIngest))
            #expect(taken.sum("freshet_ingested_events_total") == Double(throughIngest))
            #expect(
                taken.sum("http_requests_total", #"handler="/v1/events""#, #"status="200""#) == Double(throughIngest))
            #expect(taken.sum("freshet_errors_total") == 0)

            let all = Double(throughIngest + direct)
            let applied = try await MetricPage.scrape(roles.features)
            #expect(applied.sum("freshet_stream_entries_total", #"delivery="first""#) == all)
            #expect(applied.sum("freshet_events_total") == all)
            #expect(applied.sum("freshet_events_total", #"outcome="quarantined""#) == 0)
            #expect(applied.sum("freshet_events_total", #"outcome="repeated""#) == 0)
            #expect(applied.sum("event_to_recommendation_seconds_count") == all)
            #expect(applied.sum("freshet_consumer_lag_entries") == 0)
            #expect(applied.sum("freshet_errors_total") == 0)
        }

        private static func checkArchive(_ archive: FreshetProcess, events: Int) async throws {
            try await eventually("all is archived", seconds: 60) {
                try await MetricPage.scrape(archive).sum("freshet_archive_lag_entries") == 0
            }
            let archived = try await MetricPage.scrape(archive)
            #expect(archived.sum("freshet_archived_entries_total") == Double(events))
            #expect(archived.sum("freshet_archive_lag_seconds") == 0)
            #expect(archived.sum("freshet_errors_total") == 0)
        }

        @Test func `read freshness alike`() async throws {
            try await withSystemToLoad { system, roles, environment in
                let plan = ["--duration", "1", "--rate", "30", "--mix", "0:1"]
                let before = try await MetricPage.scrape(roles.features)
                let quick = try await Self.load(system, environment, "http", plan)
                let between = try await MetricPage.scrape(roles.features)
                // Every event was read back, so of each there are two readings. The load test's holds the other and
                // the ways there and back, so it is never the shorter one; ids count whole milliseconds.
                let count = Double(quick.freshness.count)
                #expect(quick.freshness.count == quick.sent.events && count > 0)
                #expect(Self.delays(between) - Self.delays(before) == count)
                let slowest = Self.delays(between, within: quick.freshness.max_ms + 1)
                #expect(slowest - Self.delays(before) == count, "none took longer than the load test saw")

                // The same while features hang for so long that everything else is little beside it.
                roles.features.suspend()
                async let loaded = Self.load(system, environment, "http", plan)
                do { try await Self.awaitAge(system, entries: quick.sent.events * 2, ageMsMin: 5500) } catch {
                    roles.features.resume()
                    throw error
                }
                roles.features.resume()
                let slow = try await loaded
                let after = try await MetricPage.scrape(roles.features)
                #expect(slow.freshness.count == slow.sent.events)
                #expect(slow.freshness.min_ms > 5000 && slow.freshness.max_ms <= 10_000)
                let inBucket =
                    (after.sum("event_to_recommendation_seconds_bucket", #"le="10.0""#) ?? 0)
                    - (after.sum("event_to_recommendation_seconds_bucket", #"le="5.0""#) ?? 0)
                #expect(inBucket == Double(slow.freshness.count))
                #expect(Self.delays(after) - Self.delays(between) == Double(slow.freshness.count))
            }
        }

        /// How many events the histogram holds.
        private static func delays(_ page: MetricPage) -> Double {
            page.sum("event_to_recommendation_seconds_count") ?? 0
        }

        /// How many of them lie in buckets that begin below `ms`.
        private static func delays(_ page: MetricPage, within ms: Double) -> Double {
            let bounds = [0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600]
            guard let bound = bounds.first(where: { $0 * 1000 >= ms }) else { return delays(page) }
            return page.sum("event_to_recommendation_seconds_bucket", #"le="\#(bound)""#) ?? -1
        }

        /// Waits until so many entries are on the stream and the newest has stood there for `ageMsMin`, by Redis's clock.
        private static func awaitAge(_ system: FreshetSystem, entries: Int, ageMsMin: Int) async throws {
            try await eventually("\(entries) events wait", seconds: 60) {
                guard try await system.redisCLI("XLEN", "events") == "\(entries)" else { return false }
                let newest = try await system.redisCLI("XREVRANGE", "events", "+", "-", "COUNT", "1")
                let time = try await system.redisCLI("TIME").split(separator: "\n").first.flatMap { Int($0) }
                guard let ms = Int(newest.prefix { $0 != "-" }), let seconds = time else { return false }
                return seconds * 1000 - ms >= ageMsMin
            }
        }

        /// Puts load on the system; the report, when there was no failure.
        private static func load(
            _ system: FreshetSystem, _ environment: [String: String], _ way: String, _ plan: [String]
        ) async throws -> LoadReport {
            let result = try await system.command(
                ["workload", "--population", "generated", "--events", way, "--json", "\(way).json"] + plan + small,
                environment: environment)
            try #require(result.status == .exited(0), "\(result.output)")
            let report = try LoadReport.read(system, "\(way).json")
            try #require(report.errors.isEmpty && report.sent.unsent == 0, "\(result.output)")
            return report
        }
    }
}
