// What an event says about the list before it: once, about the newest one, and nothing where it can say nothing.

import Models
import NIOCore
import Ranking
import Redis
import Stores
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Live quality` {
    /// When the lists of these tests were served, about.
    private static let servedMs = 1_800_000_000_000
    private static let scoring = ListScoring(sample: UserSample(share: 1), listSeconds: 100)
    private let user: UserID

    init() throws { user = try #require(UserID("u1")) }

    // MARK: Support

    /// Remembers a list as served_put does, at a time of the test's own; places read `item:source`.
    private func remember(
        _ stores: RedisStores, _ places: String, atMs: Int = 0, blend: Blend = .interleave, generation: Int = 3,
        isOfNewItems: Bool = true
    ) async throws {
        let text = "\(Self.servedMs + atMs) \(blend.rawValue) \(generation) \(isOfNewItems ? "new" : "any") \(places)"
        _ = try await stores.ask("LPUSH", "served:{u1}", .string(text))
    }

    private func update(
        _ item: String, atMs: Int, sequence: UInt64 = 0, ts: Int? = nil, eventID: String? = nil
    ) throws -> OnlineUpdate {
        let event = Event(
            user: user, item: try #require(ItemID(item)), timestampMs: ts.map { Int64(Self.servedMs + $0) },
            eventID: eventID)
        let id = StreamID(milliseconds: UInt64(Self.servedMs + atMs), sequence: sequence)
        return OnlineUpdate(event: StreamedEvent(id: id, event: event), generation: 3, similar: nil)
    }

    private func score(
        _ stores: RedisStores, _ updates: OnlineUpdate..., scoring: ListScoring? = scoring
    ) async throws -> [EventScore?] {
        try await stores.online.apply(updates, itemsMax: 10, ttlSeconds: 100, scoring: scoring).map {
            try $0.get().score
        }
    }

    private func hit(
        _ place: Int?, of sources: [Source], blend: Blend = .interleave, generation: Int = 3
    ) -> EventScore {
        .scored(ListScore(blend: blend, generation: generation, place: place, sources: sources))
    }

    // MARK: Scoring

    @Test func `says where the item stood, and where each place came from`() async throws {
        try await withStores { stores in
            // Identifiers may hold colons, and begin like others.
            try await remember(stores, "a:online b:x:offline b:online a:1:offline c:popular", generation: 7)
            let sources: [Source] = [.online, .offline, .online, .offline, .popular]
            let scores = try await score(
                stores, try update("b", atMs: 5), try update("a:1", atMs: 6), try update("c", atMs: 7),
                try update("b:x", atMs: 8), try update("x", atMs: 9))
            #expect(scores == [3, 4, 5, 2, nil].map { hit($0, of: sources, generation: 7) })
        }
    }

    @Test func `is about the newest list before the event, whichever comes first`() async throws {
        try await withStores { stores in
            try await remember(stores, "a:online", atMs: 0, generation: 1)
            try await remember(stores, "b:offline", atMs: 20, blend: .rrf, generation: 2)
            // Another gateway was slower to write its list down.
            try await remember(stores, "c:popular", atMs: 10, generation: 3)
            let scores = try await score(
                stores, try update("a", atMs: 9), try update("c", atMs: 15), try update("b", atMs: 20),
                try update("x", atMs: -1))
            #expect(
                scores == [
                    hit(1, of: [.online], generation: 1), hit(1, of: [.popular]),
                    hit(1, of: [.offline], blend: .rrf, generation: 2), .unscored(.unlisted),
                ])
        }
    }

    @Test func `counts an event once, however often it is delivered, by however many at once`() async throws {
        try await withStores { stores in
            try await remember(stores, "a:online b:offline")
            let one = try update("a", atMs: 5)
            let scores = try await withThrowingTaskGroup(of: [EventScore?].self) { group in
                for _ in 0..<20 { group.addTask { try await self.score(stores, one, one) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(scores.count { $0 == hit(1, of: [.online, .offline]) } == 1)
            #expect(scores.count { $0 == .unscored(.again) } == 39)
            // Nor against a list that came late.
            try await remember(stores, "a:offline", atMs: 4)
            #expect(try await score(stores, one) == [.unscored(.again)])
        }
    }

    @Test func `remembers a bounded number of events, and takes older ones for counted`() async throws {
        try await withStores { stores in
            try await remember(stores, "a:online")
            for number in 0..<ServedListStore.scoredMax + 6 {
                let scores = try await score(stores, try update("x\(number)", atMs: 10 + number))
                #expect(scores == [hit(nil, of: [.online])], "\(number)")
            }
            #expect(try await stores.ask("ZCARD", "scored:{u1}") == .integer(ServedListStore.scoredMax))
            // The first six have been forgotten; still they do not count again.
            for number in [0, 5, 6, ServedListStore.scoredMax + 5] {
                #expect(
                    try await score(stores, try update("x\(number)", atMs: 10 + number)) == [.unscored(.again)],
                    "\(number)")
            }
            #expect(try await score(stores, try update("new", atMs: 3)) == [.unscored(.again)])
            #expect(try await score(stores, try update("newer", atMs: 900)) == [hit(nil, of: [.online])])
        }
    }

    @Test func `passes over what the list could not hold, because it had been touched`() async throws {
        try await withStores { stores in
            _ = try await score(stores, try update("old", atMs: -10), try update("listed", atMs: -9))
            try await remember(stores, "a:online b:offline")
            let scores = try await score(
                stores, try update("old", atMs: 1), try update("a", atMs: 2), try update("a", atMs: 3),
                // It was touched a moment ago, so what follows is a second look.
                try update("old", atMs: 4))
            #expect(
                scores == [
                    .unscored(.touched), hit(1, of: [.online, .offline]), .unscored(.touched), .unscored(.touched),
                ])
            // Where lists may hold what was touched, only a second touch since the list came is passed over.
            try await remember(stores, "b:online listed:offline", atMs: 10, isOfNewItems: false)
            let again = try await score(
                stores, try update("listed", atMs: 11), try update("listed", atMs: 12), try update("old", atMs: 13))
            #expect(
                again == [
                    hit(2, of: [.online, .offline]), .unscored(.touched), hit(nil, of: [.online, .offline]),
                ])
        }
    }

    @Test func `passes over a repeated event id, and what happened long before the list`() async throws {
        try await withStores { stores in
            try await remember(stores, "a:online b:offline c:online")
            let scores = try await score(
                stores, try update("a", atMs: 5, eventID: "e1"), try update("a", atMs: 6, eventID: "e1"),
                try update("b", atMs: 7, ts: -300_001), try update("c", atMs: 8, ts: -299_999))
            let sources: [Source] = [.online, .offline, .online]
            #expect(
                scores == [hit(1, of: sources), .unscored(.repeated), .unscored(.earlier), hit(3, of: sources)])
            // The copy that was delivered late is the one that counts for the state, but the event has been scored.
            _ = try await score(stores, try update("d", atMs: 20, eventID: "e2"))
            #expect(try await score(stores, try update("d", atMs: 19, eventID: "e2")) == [.unscored(.touched)])
        }
    }

    @Test func `forgets a list after its time`() async throws {
        try await withStores { stores in
            try await remember(stores, "a:online")
            let scores = try await score(stores, try update("b", atMs: 100_000), try update("a", atMs: 100_001))
            #expect(scores == [hit(nil, of: [.online]), .unscored(.unlisted)])
            #expect(try await stores.ask("TTL", "scored:{u1}") == .integer(500))
        }
    }

    @Test func `costs no event anything: not of who is not sampled, nor where a list is broken`() async throws {
        try await withStores { stores in
            try await remember(stores, "a:online")
            #expect(try await score(stores, try update("a", atMs: 5), scoring: nil) == [nil])
            let nobody = ListScoring(sample: UserSample(share: 0), listSeconds: 100)
            #expect(try await score(stores, try update("b", atMs: 5), scoring: nobody) == [nil])
            #expect(try await stores.ask("EXISTS", "scored:{u1}") == .integer(0))
            _ = try await stores.ask("SET", "served:{u1}", "by hand")
            let results = await stores.online.apply(
                [try update("c", atMs: 6)], itemsMax: 10, ttlSeconds: 100, scoring: Self.scoring)
            #expect(try results[0].get() == AppliedTouch(outcome: .applied, score: .unscored(.failed)))
            _ = try await stores.ask("DEL", "served:{u1}")
            // A form of a later version.
            _ = try await stores.ask("LPUSH", "served:{u1}", "\(Self.servedMs) magic 3 new a:online")
            #expect(try await score(stores, try update("d", atMs: 7)) == [.unscored(.failed)])
            #expect(try await stores.online.entries(of: user).count == 4)
        }
    }

    // MARK: Remembering

    private func served(_ places: [(String, Source)], generation: Int = 3) throws -> ServedList {
        ServedList(
            user: user, blend: .interleave, generation: generation,
            places: try places.map { item, source in
                Place(item: try #require(ItemID(item)), source: source, sourcePlace: 1, score: 1)
            }, isOfNewItems: true)
    }

    @Test func `remembers the first places of the last lists by Redis's clock, and for a while`() async throws {
        try await withStores { stores in
            let long = try served((1...30).map { ("i\($0)", $0 % 2 == 1 ? .online : .offline) })
            let before = try await stores.client.send(TIME()) / 1000
            let lists = try (1...5).map { (list: try served([("a", .online)], generation: $0), ageMs: 60 - 10 * $0) }
            #expect(await stores.served.put(lists + [(long, 0)], ttlSeconds: 77, deadlineMs: 10_000) == 6)
            let after = try await stores.client.send(TIME()) / 1000
            let texts = try await stores.client.send(LRANGE("served:{u1}", 0, -1)).map { String(buffer: $0) }
            #expect(texts.count == ServedListStore.listsMax)
            let words = try #require(texts.first).split(separator: " ")
            #expect(words.count == 4 + ServedList.placesMax)
            #expect(
                words[1...5] == ["interleave", "3", "new", "i1:online", "i2:offline"] && words.last == "i20:offline")
            let atMs = try #require(Int(words[0]))
            #expect((Int(before)...Int(after)).contains(atMs))
            let oldest = try #require(texts.last).split(separator: " ")
            #expect(oldest[2] == "3" && (Int(before) - 30...Int(after) - 30).contains(Int(oldest[0]) ?? 0))
            #expect(try await stores.ask("TTL", "served:{u1}") == .integer(77))
        }
    }

    @Test func `loses a list that Redis does not take, and says so`() async throws {
        try await withStores { stores in
            _ = try await stores.ask("SET", "served:{u1}", "by hand")
            let lists = [(list: try served([("a", .online)]), ageMs: 0)]
            #expect(await stores.served.put(lists, ttlSeconds: 77, deadlineMs: 10_000) == 0)
        }
    }

    // MARK: Days

    @Test func `adds counts to days and reads them back`() async throws {
        try await withStores { stores in
            var tally = QualityTally()
            let sources: [Source] = [.online, .offline, .online, .popular]
            for (place, bucket) in [(1, 0), (2, 63), (3, 5), (4, 5), (nil, 5)] as [(Int?, Int)] {
                tally.add(
                    ListScore(blend: .interleave, generation: 12, place: place, sources: sources), bucket: bucket)
            }
            tally.add(ListScore(blend: .weighted, generation: 13, place: 1, sources: [.offline]), bucket: 1)
            try await stores.quality.add(tally, day: "2026-11-26")
            #expect(try await stores.quality.days(["2026-11-25", "2026-11-26"]) == [QualityTally(), tally])
            try await stores.quality.add(tally, day: "2026-11-26")
            _ = try await stores.ask("HSET", "quality:2026-11-26", "not|ours", "1", "12|interleave|hits|online|99", "1")
            var twice = tally
            twice += tally
            #expect(try await stores.quality.days(["2026-11-26"]) == [twice])
            #expect(
                try await stores.ask("HGET", "quality:2026-11-26", "12|interleave|events") == .bulk(.init(string: "10"))
            )
            #expect(try await stores.ask("TTL", "quality:2026-11-26") == .integer(8 * 86_400))
            try await stores.quality.add(QualityTally(), day: "2026-11-27")
            #expect(try await stores.ask("EXISTS", "quality:2026-11-27") == .integer(0))
            #expect(QualityStore.day(ofMs: 1_795_651_199_999) == "2026-11-25")
            #expect(QualityStore.day(ofMs: 1_795_651_200_000) == "2026-11-26")
        }
    }

    @Test func `keeps a day bounded: further generations count as one`() async throws {
        try await withStores { stores in
            let call = { (fieldsMax: Int, fields: [RedisArgument]) in
                try await stores.client.send(
                    FCALL("quality_add", keys: ["quality:d"], arguments: [100, .integer(fieldsMax)] + fields))
            }
            _ = try await call(3, ["1|rrf|events", 1, "2|rrf|events", 2, "3|rrf|events", 3, "4|rrf|events", 4])
            _ = try await call(3, ["5|rrf|events", 5, "1|rrf|events", 6, "contest|online_first|0|online", 7])
            let day = try await stores.client.send(HGETALL("quality:d"))
            let fields = Dictionary(
                uniqueKeysWithValues: day.map { (String(buffer: $0.field), String(buffer: $0.value)) })
            #expect(
                fields == [
                    "1|rrf|events": "7", "2|rrf|events": "2", "3|rrf|events": "3", "0|rrf|events": "9",
                    "contest|online_first|0|online": "7",
                ])
        }
    }
}
