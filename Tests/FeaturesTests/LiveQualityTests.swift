// The consumer scores what it applies, adds it up and writes it down, once.

import Fixtures
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

@testable import Features

@Suite(.timeLimit(.minutes(1))) struct `Live quality in the features consumer` {
    private static let settings = FeaturesSettings(
        http: HTTPSettings(port: 0), claimIdleMs: 200, quality: LiveQualitySettings(share: 1))

    /// Has a user got this list a moment ago.
    private func serve(_ bed: TestBed, _ user: String, _ places: [(String, Source)]) async throws {
        let list = ServedList(
            user: try #require(UserID(user)), blend: .interleave, generation: 1,
            places: try places.map { item, source in
                Place(item: try #require(ItemID(item)), source: source, sourcePlace: 1, score: 1)
            }, isOfNewItems: true)
        #expect(await bed.stores.served.put([(list, 1)], ttlSeconds: 600, deadlineMs: 10_000) == 1)
    }

    private func today(_ bed: TestBed) async throws -> QualityTally {
        try await bed.stores.quality.days([QualityStore.day(ofMs: UTCTime.nowMs())])[0]
    }

    private let list: [(String, Source)] = [("a", .online), ("b", .offline), ("c", .online), ("d", .popular)]

    @Test func `counts hits and misses in Redis and as metrics, also what comes last before a stop`() async throws {
        try await withTestBed { bed in
            try await bed.activate([:])
            let features = bed.features(settings: Self.settings)
            try await running(features) {
                try await serve(bed, "u1", list)
                try await serve(bed, "u2", list)
                for (user, item) in [("u1", "a"), ("u1", "x"), ("u1", "a"), ("u2", "c"), ("nobody", "a")] {
                    try await bed.add(user, item)
                }
                try await eventually("all is applied") { features.statistics.snapshot.applied == 5 }
                // The flush of every second.
                try await eventually("it is written") { try await !today(bed).isEmpty }
                try await serve(bed, "u3", list)
                try await bed.add("u3", "d")
                try await eventually("the last one is applied") { features.statistics.snapshot.applied == 6 }
            }
            let tally = try await today(bed)
            let counts = try #require(tally.groups[QualityTally.Group(generation: 1, blend: .interleave)])
            #expect(tally.groups.count == 1 && counts.events == 4 && counts.shownCount() == 16)
            #expect(counts[hits: .online, 1] == 1 && counts[hits: .online, 3] == 1 && counts[hits: .popular, 4] == 1)
            #expect(counts.hitCount() == 3)
            let (first, second) = (tally.contest.share(.onlineFirst), tally.contest.share(.offlineFirst))
            #expect(first.trials == 1 && first.successes == 1 && second.trials == 1 && second.successes == 1)

            let page = String(decoding: await features.telemetry.metrics.exposition(.prometheus), as: UTF8.self)
            for line in [
                #"freshet_scored_events_total{role="features",blend="interleave",generation="live",result="hit"} 3"#,
                #"freshet_scored_events_total{role="features",blend="interleave",generation="live",result="miss"} 1"#,
                #"freshet_unscored_events_total{role="features",reason="touched"} 1"#,
                #"freshet_unscored_events_total{role="features",reason="unlisted"} 1"#,
                #"freshet_list_hits_total{role="features",place="4",source="popular"} 1"#,
                #"freshet_contest_events_total{role="features",pairs="offline_first",winner="online"} 1"#,
            ] { #expect(page.contains(line), "\(line)") }
        }
    }

    @Test func `does not count what another consumer counted and died with`() async throws {
        try await withTestBed { bed in
            try await bed.activate([:])
            try await serve(bed, "u1", list)
            try await bed.add("u1", "a")
            try await bed.stores.events.createGroup(.features)
            let entries = try await bed.stores.events.withReader(group: .features, consumer: "dead") {
                try await $0.read(countMax: 10, blockMs: 100)
            }
            // Applied and scored, neither written down nor acknowledged.
            let dead = bed.features(settings: Self.settings)
            var batch = EntryBatch(entries, reader: EventReader(types: .standard))
            let results = await bed.stores.online.apply(
                batch.readable.map { OnlineUpdate(event: $0.event, generation: 1, similar: nil) }, itemsMax: 10,
                ttlSeconds: 100, scoring: ListScoring(sample: UserSample(share: 1), listSeconds: 600))
            dead.quality.note(batch.settle(results, isLastAttempt: false).settled, generation: 1)
            try await running(bed.features("features@test:2", settings: Self.settings)) {
                try await bed.add("u1", "b")
                try await eventually("taken over") {
                    let isCounted = try await !today(bed).isEmpty
                    return try await bed.pendingCount() == 0 && isCounted
                }
            }
            let counts = try #require(try await today(bed).groups.values.first)
            #expect(counts.events == 1 && counts[hits: .offline, 2] == 1)
        }
    }

    @Test func `keeps scores while Redis does not take them`() async throws {
        try await withTestBed { bed in
            let features = bed.features(settings: Self.settings)
            let event = StreamedEvent(
                id: StreamID(milliseconds: UInt64(UTCTime.nowMs()), sequence: 0),
                event: Event(user: try #require(UserID("u1")), item: try #require(ItemID("a"))))
            let score = ListScore(blend: .rrf, generation: 1, place: 1, sources: [.online])
            features.quality.note(
                [SettledEvent(event: event, outcome: .applied, score: .scored(score))], generation: 1)
            _ = try await bed.client.send(RawCommand("CONFIG", ["SET", "maxmemory", "1"]))
            await #expect(throws: StoreError.self) { try await features.quality.flush() }
            _ = try await bed.client.send(RawCommand("CONFIG", ["SET", "maxmemory", "0"]))
            try await features.quality.flush()
            try await features.quality.flush()
            #expect(try await today(bed).groups.values.first?.events == 1)
        }
    }

    @Test func `scores nobody where it is switched off`() async throws {
        try await withTestBed { bed in
            try await bed.activate([:])
            let settings = FeaturesSettings(http: HTTPSettings(port: 0), quality: LiveQualitySettings(share: 0))
            let features = bed.features(settings: settings)
            try await running(features) {
                try await serve(bed, "u1", list)
                try await bed.add("u1", "a")
                try await eventually("applied") { features.statistics.snapshot.applied == 1 }
            }
            #expect(try await today(bed).isEmpty)
            #expect(try await bed.client.send(EXISTS(["scored:{u1}"])) == 0)
        }
    }
}
