// Which answers are remembered, and what /v1/quality says about them.

import Fixtures
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Models
import NIOCore
import Ranking
import Redis
import Settings
import Stores
import Telemetry
import TestServers
import Testing
import WebService

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct `Live quality at the gateway` {
    private static func settings(
        share: Double = 1, blend: String = "interleave", excludesTouched: Bool = true
    )
        -> GatewaySettings
    {
        GatewaySettings(
            http: HTTPSettings(port: 0), excludesTouched: excludesTouched, blendName: blend, deadlineMs: 2000,
            quality: LiveQualitySettings(share: share, listSeconds: 77))
    }

    private static let lists = TestLists(
        offline: ["u1": TestLists.names("o", 30), "u2": TestLists.names("o", 30)],
        similar: ["i1": TestLists.names("s", 30)], popular: TestLists.names("p", 50))

    private func served(_ system: GatewayUnderTest, _ user: String) async throws -> [String] {
        // Without the time, which is tried elsewhere.
        try await system.stores.client.send(LRANGE("served:{\(user)}", 0, -1)).map {
            String(String(buffer: $0).drop { $0 != " " }.dropFirst())
        }
    }

    private func awaitServed(_ system: GatewayUnderTest, _ user: String, _ count: Int) async throws -> [String] {
        try await eventually("\(count) lists of \(user)") { try await served(system, user).count >= count }
        return try await served(system, user)
    }

    @Test func `remembers what a sampled user got, and nothing that only looks like it`() async throws {
        try await withGateway(Self.settings()) { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("u1", "i1", atMs: 1000, generation: generation)
            for path in [
                "/v1/recommendations/u1/online", "/v1/recommendations/u1/offline",
                "/v1/recommendations/u1?explain=true",
                "/v1/recommendations/u1?exclude=o1", "/v1/recommendations/u1?category=c",
                "/v1/recommendations/u1?blend=online", "/v1/recommendations/u1?blend=offline", "/v1/items/i1/similar",
                "/v1/popular",
            ] { #expect(try await system.get(path).status == .ok, "\(path)") }
            for (path, body) in [
                ("/v1/recommendations/batch", #"{"user_ids": ["u1"]}"#), ("/recommendations_online?user_id=u1", ""),
                ("/recommendations_offline?user_id=u1", ""),
            ] { #expect(try await system.post(path, body).status == .ok, "\(path)") }
            _ = try await system.get("/v1/recommendations/u1?k=3")
            // What had been remembered before it would have been written before it.
            #expect(
                try await awaitServed(system, "u1", 1) == [
                    "interleave \(generation) new s1:online o1:offline s2:online"
                ])
            _ = try await system.get("/v1/recommendations/u1?blend=rrf&k=500")
            let rrf = try #require(try await awaitServed(system, "u1", 2).first).split(separator: " ")
            #expect(rrf[0] == "rrf" && rrf.count == 3 + ServedList.placesMax)
            _ = try await system.post("/recommendations?user_id=u1&k=1", "")
            #expect(try await awaitServed(system, "u1", 3).first == "interleave \(generation) new s1:online")
            #expect(try await system.stores.client.send(TTL("served:{u1}")) != .unlimited)
        }
    }

    @Test func `remembers one side alone where that is what everybody gets, and says what lists may hold`() async throws
    {
        try await withGateway(Self.settings(blend: "offline", excludesTouched: false)) { system in
            let generation = try await system.publish(Self.lists)
            _ = try await system.get("/v1/recommendations/u2?k=2")
            #expect(
                try await awaitServed(system, "u2", 1) == ["offline \(generation) any o1:offline o2:offline"])
        }
    }

    @Test func `remembers nobody where it is switched off, and only those who are sampled`() async throws {
        for share in [0, 0.2] {
            try await withGateway(Self.settings(share: share)) { system in
                try await system.publish(Self.lists)
                let users = (0..<100).map { "u\($0)" }
                let sampled = try users.filter { UserSample(share: share).contains(try userID($0)) }
                #expect(sampled.isEmpty == (share == 0))
                for user in users { _ = try await system.get("/v1/recommendations/\(user)?k=1") }
                for user in sampled { _ = try await awaitServed(system, user, 1) }
                for user in users where !sampled.contains(user) {
                    #expect(try await served(system, user).isEmpty, "\(user)")
                }
            }
        }
    }

    @Test func `answers without waiting while Redis is away, and drops what does not fit`() async throws {
        try await withGateway(Self.settings()) { system in
            try await system.publish(Self.lists)
            let metrics = MetricsRegistry(role: "gateway")
            let lists = ServedLists(
                system.stores.served, settings: LiveQualitySettings(share: 1), blendDefault: .interleave,
                leavesOutTouched: true, metrics: metrics)
            let snapshot = try #require(system.gateway.live.snapshot)
            let answer = Answer(
                user: try userID("u1"), generation: snapshot, blend: .interleave, rung: .full, onlineAsOf: nil,
                isStale: false, places: [Place(item: try itemID("a"), source: .online, sourcePlace: 1, score: 1)],
                explanation: nil)
            let options = AnswerOptions(count: 1, defaults: BlendDefaults(blend: .interleave, itemsLatest: 3))
            // Nobody writes: it does not run.
            for _ in 0..<ServedLists.waitingMax + 5 { lists.note(answer, options) }
            let page = String(decoding: await metrics.exposition(.prometheus), as: UTF8.self)
            #expect(page.contains(#"freshet_served_lists_total{role="gateway",outcome="dropped"} 5"# + "\n"))
        }
    }

    // MARK: The report

    private struct Report: Decodable {
        struct Row: Decodable {
            let source: String?
            let generation: Int?
            let events, hits, shown: Int
            let hit_rate, mrr: Double?
        }
        struct PlaceRow: Decodable { let place, shown, hits, online, offline, popular: Int }
        struct Share: Decodable {
            let events, online, offline, user_groups: Int
            let online_share, low, high: Double?
        }
        struct Fight: Decodable {
            let online_first, offline_first: Share
            let verdict, sentence: String
            let leading: String?
            let more_events: Int?
        }
        let days: [String]
        let events, hits: Int
        let hit_rate, mrr: Double?
        let sources, blends, generations: [Row]
        let places: [PlaceRow]
        let contest: Fight
    }

    private func report(_ system: GatewayUnderTest, _ query: String = "") async throws -> Report {
        let response = try await system.get("/v1/quality\(query)")
        #expect(response.status == .ok)
        return try JSONDecoder().decode(Report.self, from: Data(response.body.readableBytesView))
    }

    @Test func `shows rates and a verdict of the days that are asked for`() async throws {
        try await withGateway { system in
            let empty = try await report(system, "?days=8")
            #expect(
                empty.days.count == 8 && empty.events == 0 && empty.hit_rate == nil
                    && empty.contest.verdict == "undecided")
            #expect(empty.contest.sentence.contains("too few") && empty.contest.online_first.online_share == nil)
            var tally = QualityTally()
            let sources: [Source] = [.online, .offline, .online]
            // Sixteen groups of users, each taking the lower online item twice and a higher offline one once, and missing once.
            for bucket in 0..<16 {
                for place in [3, 3, 3, 2, nil] {
                    tally.add(
                        ListScore(blend: .interleave, generation: 4, place: place, sources: sources), bucket: bucket)
                }
            }
            let now = UTCTime.nowMs()
            try await system.stores.quality.add(tally, day: QualityStore.day(ofMs: now))
            try await system.stores.quality.add(tally, day: QualityStore.day(ofMs: now - 86_400_000))
            let one = try await report(system, "?days=1")
            #expect(
                one.days == [QualityStore.day(ofMs: now)] && one.events == 80 && one.hits == 64 && one.hit_rate == 0.8)
            let two = try await report(system, "?days=2")
            #expect(two.events == 160 && two.generations.map(\.generation) == [4])
            #expect(two.sources.map(\.hits) == [96, 32, 0] && two.sources.map(\.shown) == [320, 160, 0])
            #expect(abs((two.mrr ?? 0) - 0.3) < 1e-9)
            #expect(two.places[2].online == 96 && two.places[1].offline == 32 && two.places.count == 20)
            // Place 3 has no neighbour below in a list of three.
            #expect(two.contest.online_first.events == 32 && two.contest.online_first.online == 0)
            let lower = two.contest.offline_first
            #expect(lower.events == 128 && lower.online_share == 0.75 && lower.user_groups == 16)
            #expect((lower.low ?? 0) > 0.5 && two.contest.verdict == "online")
            #expect(two.contest.sentence.hasPrefix("Online wins"))
            #expect(try await system.get("/v1/quality?days=9").status == .badRequest)
        }
    }
}
