// Live quality with real processes: the figures are what was really done, exactly; after a kill never more, and less by no more
// than what was under way.

import Fixtures
import Models
import Ranking
import Stores
import Telemetry
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `Live quality` {
        private static let userCount = 30
        private static let everybody = ["LIVE_QUALITY_SHARE": "1", "FEATURES_CLAIM_IDLE_MS": "100"]

        /// A system whose users get lists and react to them, and what the figures must be.
        private struct Shop {
            let system: FreshetSystem
            let gateway: FreshetProcess
            let ingest: FreshetProcess
            /// The id of each user's last event.
            var last: [Int: String] = [:]
            var served = 0
            var round = 0

            /// Every user gets a list; then each sends an event about it: on a place of it, or on an item that is not in it.
            mutating func go(
                _ random: inout SeededRandom, between: (_ user: Int) async throws -> Void = { _ in }
            ) async throws -> QualityTally {
                round += 1
                var lists: [Int: RecommendationAnswer] = [:]
                for user in 1...userCount {
                    let after = last[user].map { "&after=\($0)&wait_ms=10000" } ?? ""
                    let answer = try await HTTP.get(gateway.port, "/v1/recommendations/u\(user)?k=25\(after)")
                    lists[user] = try answer.recommendations()
                    #expect(lists[user]?.stale == false)
                    served += 1
                }
                let expected = Double(served)
                try await eventually("all lists are remembered") {
                    let page = try await MetricPage.scrape(gateway)
                    return page.sum("freshet_served_lists_total", #"outcome="remembered""#) == expected
                }
                var tally = QualityTally()
                for user in 1...userCount {
                    let answer = try #require(lists[user])
                    let name = try #require(UserID("u\(user)"))
                    // In the first round, what fills the online side.
                    let place = round == 1 ? nil : Int.random(in: 1...30, using: &random)
                    let isHit = place.map { $0 <= ServedList.placesMax } ?? false
                    let item = isHit ? answer.items[(place ?? 1) - 1] : "i\((user + round) % 10 + 1)"
                    last[user] = try await send(user, item)
                    tally.add(
                        ListScore(
                            blend: .interleave, generation: answer.generation, place: isHit ? place : nil,
                            sources: try answer.sources.prefix(ServedList.placesMax).map {
                                try #require(Source(rawValue: $0))
                            }), bucket: UserBucket.of(name))
                    try await between(user)
                }
                return tally
            }

            /// An event, over HTTP with a repetition, or straight to the stream; its id.
            private func send(_ user: Int, _ item: String) async throws -> String {
                guard user % 2 == 0 else {
                    return try await system.redisCLI("XADD", "events", "*", "user_id", "u\(user)", "item_id", item)
                }
                let event = #"{"user_id": "u\#(user)", "item_id": "\#(item)", "event_id": "e\#(round)"}"#
                let answer = try await HTTP.post(ingest.port, "/v1/events", "[\(event), \(event)]")
                return try #require(try answer.decode(IngestAnswer.self).ids.first ?? nil)
            }

            /// Today and yesterday, in case the test runs over midnight.
            func counted() async throws -> QualityTally {
                let now = UTCTime.nowMs()
                let days = [now, now - 86_400_000].map { QualityStore.day(ofMs: $0) }
                return try await system.stores.quality.days(days).reduce(into: QualityTally()) { $0 += $1 }
            }

            func awaitCounted(_ expected: QualityTally) async throws {
                do {
                    try await eventually("it is counted") { try await counted() == expected }
                } catch {
                    #expect(try await counted().groups == expected.groups)
                    #expect(try await counted().contest == expected.contest)
                    throw error
                }
            }
        }

        private func withShop(_ body: (inout Shop, _ features: FreshetProcess) async throws -> Void) async throws {
            try await withSystem { system in
                try await ReleaseFixture.tagged("t", users: Self.userCount).publish(to: system.releases)
                try await system.start(.loader)
                let features = try await system.start(.features, Self.everybody)
                let ingest = try await system.start(.ingest)
                let gateway = try await system.start(.gateway, Self.everybody)
                for process in [features, ingest, gateway] { try await process.awaitReady() }
                var shop = Shop(system: system, gateway: gateway, ingest: ingest)
                try await body(&shop, features)
            }
        }

        @Test func `is what users really did, to the last event`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withShop { shop, features in
                var expected = QualityTally()
                for _ in 1...4 { expected += try await shop.go(&random) }
                try await shop.awaitCounted(expected)
                #expect(expected.groups.values.first?.events == 4 * Self.userCount)
                // What came after the last write is written at the end.
                expected += try await shop.go(&random)
                try await shop.system.awaitAllApplied()
                #expect(await features.terminate() == .exited(0))
                #expect(try await shop.counted() == expected)

                // The route and the command say the same.
                let rates = try #require(expected.groups.values.first?.rates())
                let answer = try await HTTP.get(shop.gateway.port, "/v1/quality?days=2")
                let start = #""events":\#(rates.events),"hits":\#(rates.hits),"hit_rate":"#
                #expect(answer.status == 200 && answer.text.contains(start), "\(answer.text)")
                let command = try await shop.system.command("quality", "--days", "2", "--json")
                #expect(command.output == answer.text)
                let table = try await shop.system.command("quality")
                #expect(table.status == .exited(0) && table.output.contains(expected.contest.verdict.sentence))
                #expect(table.output.contains("by interleave"))
            }
        }

        @Test func `loses no more than was under way when features is killed, and counts nothing twice`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withShop { shop, features in
                var certain = QualityTally()
                for _ in 1...2 { certain += try await shop.go(&random) }
                try await shop.awaitCounted(certain)
                var possible = certain
                for _ in 1...3 {
                    let victim = Int.random(in: 1...Self.userCount, using: &random)
                    possible += try await shop.go(&random) { user in
                        if user == victim { try await features.restart() }
                    }
                    try await shop.system.awaitAllApplied()
                }
                let last = try await shop.go(&random)
                certain += last
                possible += last
                try await shop.system.awaitAllApplied()
                #expect(await features.terminate() == .exited(0))
                let counted = try await shop.counted()
                check(counted, atLeast: certain, atMost: possible)
            }
        }

        /// Every count lies between two others.
        private func check(_ counted: QualityTally, atLeast certain: QualityTally, atMost possible: QualityTally) {
            #expect(Set(counted.groups.keys) == Set(possible.groups.keys))
            func isWithin(_ count: (QualityTally) -> Int) -> Bool {
                count(certain) <= count(counted) && count(counted) <= count(possible)
            }
            for group in possible.groups.keys {
                #expect(isWithin { $0.groups[group]?.events ?? 0 })
                for source in Source.allCases {
                    for place in 1...ServedList.placesMax {
                        #expect(isWithin { $0.groups[group]?[hits: source, place] ?? 0 }, "\(source) \(place)")
                        #expect(isWithin { $0.groups[group]?[shown: source, place] ?? 0 }, "\(source) \(place)")
                    }
                }
            }
            for comparison in Contest.Comparison.allCases {
                for bucket in 0..<Contest.bucketCount {
                    #expect(isWithin { $0.contest[comparison, bucket].online })
                    #expect(isWithin { $0.contest[comparison, bucket].offline })
                }
            }
        }
    }
}
