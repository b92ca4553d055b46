// The online state is a function of the set of events: whatever the order, however often, by however many at once.

import Fixtures
import Models
import NIOCore
import Redis
import Stores
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The online state` {
    private static let itemsMax = 5
    private let user: UserID

    init() throws { user = try #require(UserID("u1")) }

    private func update(
        _ item: String, ts: Int64, id: String, eventID: String? = nil, type: String = "view", generation: Int = 1,
        similar: String? = "s1:1"
    ) throws -> OnlineUpdate {
        let event = Event(
            user: user, item: try #require(ItemID(item)), type: type, timestampMs: 1_700_000_000_000 + ts,
            eventID: eventID)
        // Far ahead in time, so that no `ts` is clamped.
        let streamed = StreamedEvent(id: try #require(StreamID("1800000000000-\(id)")), event: event)
        return OnlineUpdate(event: streamed, generation: generation, similar: similar.map { ByteBuffer(string: $0) })
    }

    private func apply(_ updates: [OnlineUpdate], to stores: RedisStores) async throws -> [OnlineOutcome] {
        try await stores.online.apply(updates, itemsMax: Self.itemsMax, ttlSeconds: 100).map { try $0.get() }
    }

    private func fields(_ stores: RedisStores) async throws -> [String] {
        try await stores.online.entries(of: user).map {
            "\($0.item) \($0.timestampMs - 1_700_000_000_000) \($0.id.sequence)"
        }
    }

    /// For each item its newest event, of those the newest five.
    private func expected(_ updates: [OnlineUpdate]) -> [String] {
        func position(_ update: OnlineUpdate) -> (Int64, StreamID) { (update.event.effectiveMs, update.event.id) }
        let newest = Dictionary(grouping: updates, by: \.event.event.item).values.compactMap { updates in
            updates.max { position($0) < position($1) }
        }
        return newest.sorted { position($0) > position($1) }.prefix(Self.itemsMax).map {
            "\($0.event.event.item) \($0.event.effectiveMs - 1_700_000_000_000) \($0.event.id.sequence)"
        }
    }

    @Test(arguments: [UInt64](1...20))
    func `is the same whatever the order and however often`(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let updates = try (0..<Int.random(in: 1...60, using: &random)).map { number in
            try update(
                "i\(Int.random(in: 1...12, using: &random))", ts: Int64.random(in: 0...30, using: &random),
                id: "\(number)")
        }
        let order = (updates + updates.prefix(20)).shuffled(using: &random)
        try await withStores { stores in
            // In two tasks at once, as two consumers would.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for half in [order.prefix(order.count / 2), order.dropFirst(order.count / 2)] {
                    group.addTask { _ = try await self.apply(Array(half), to: stores) }
                }
                try await group.waitForAll()
            }
            #expect(try await fields(stores) == expected(updates))
            #expect(try await apply(updates.shuffled(using: &random), to: stores).allSatisfy { $0 == .older })
            #expect(try await fields(stores) == expected(updates))
        }
    }

    @Test func `reads like an explanation and ends by itself`() async throws {
        try await withStores { stores in
            let one = try update("i1", ts: 5, id: "7", type: "addtocart", generation: 3, similar: "a:1 b:0.5")
            #expect(
                try await apply([one, try update("i2", ts: 4, id: "8", similar: nil)], to: stores) == [
                    .applied, .applied,
                ])
            let pairs = try await stores.client.send(HGETALL("online:{u1}"))
            let texts = Dictionary(
                uniqueKeysWithValues: pairs.map { (String(buffer: $0.field), String(buffer: $0.value)) })
            #expect(texts["i1"] == "1700000000005 1800000000000-7 addtocart 3 a:1 b:0.5")
            // Without similar items the field is there all the same, as proof.
            #expect(
                texts["i2"].map { $0.split(separator: " ").joined(separator: " ") }
                    == "1700000000004 1800000000000-8 view 1")
            guard case .integer(let seconds) = try await stores.ask("TTL", "online:{u1}") else {
                throw NeverHappened(description: "no TTL")
            }
            #expect((1...100).contains(seconds))
        }
    }

    @Test func `takes an event id once, the earliest entry, in whatever order they come`() async throws {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
            try await withStores { stores in
                let copies = try [(1, "3"), (2, "5"), (3, "9")].map { ts, id in
                    try update("i1", ts: Int64(ts), id: id, eventID: "e1")
                }
                for place in order { _ = try await apply([copies[place]], to: stores) }
                #expect(try await fields(stores) == ["i1 1 3"], "\(order)")
            }
        }
    }

    @Test func `tells users and event ids apart`() async throws {
        try await withStores { stores in
            let outcomes = try await apply(
                [
                    try update("i1", ts: 1, id: "1", eventID: "a"), try update("i2", ts: 2, id: "2", eventID: "b"),
                    try update("i3", ts: 3, id: "3", eventID: "a"), try update("i4", ts: 4, id: "4"),
                ], to: stores)
            #expect(outcomes == [.applied, .applied, .repeated, .applied])
            #expect(try await fields(stores) == ["i4 4 4", "i2 2 2", "i1 1 1"])
        }
    }

    @Test func `says for each update what became of it, and one broken user costs the others nothing`() async throws {
        try await withStores { stores in
            _ = try await stores.ask("SET", "online:{u2}", "by hand")
            var broken = try update("i1", ts: 1, id: "1")
            let event = Event(user: try #require(UserID("u2")), item: broken.event.event.item)
            broken = OnlineUpdate(event: StreamedEvent(id: broken.event.id, event: event), generation: 1, similar: nil)
            let results = await stores.online.apply(
                [broken, try update("i1", ts: 1, id: "2")], itemsMax: 5, ttlSeconds: 100)
            #expect(throws: StoreError.self) { try results[0].get() }
            #expect(try results[1].get() == .applied)
        }
    }

    @Test func `gets another generation's lists only under touches that are still the same`() async throws {
        try await withStores { stores in
            _ = try await apply([try update("i1", ts: 1, id: "1"), try update("i2", ts: 2, id: "2")], to: stores)
            let read = try await stores.online.entries(of: user)
            // Meanwhile the user touches i1 again.
            _ = try await apply([try update("i1", ts: 9, id: "9")], to: stores)
            let replaced = try await stores.online.rederive(
                user, read.map { ($0.rederived(generation: 2, similar: []), ByteBuffer(string: "new:1")) })
            #expect(replaced == 1)
            let entries = try await stores.online.entries(of: user)
            #expect(entries.map(\.item.text) == ["i1", "i2"])
            #expect(entries.map(\.generation) == [1, 2])
            #expect(entries.map { $0.similar.map(\.item.text) } == [["s1"], ["new"]])
            // A user who is gone meanwhile does not come back.
            _ = try await stores.ask("DEL", "online:{u1}")
            #expect(try await stores.online.rederive(user, read.map { ($0, nil) }) == 0)
            #expect(try await stores.online.entries(of: user).isEmpty)
        }
    }

    @Test func `shrinks when the limit does`() async throws {
        try await withStores { stores in
            let updates = try (0..<5).map { try update("i\($0)", ts: Int64($0), id: "\($0)") }
            _ = try await apply(updates, to: stores)
            _ = await stores.online.apply([try update("i9", ts: 9, id: "9")], itemsMax: 2, ttlSeconds: 100)
            #expect(try await fields(stores) == ["i9 9 9", "i4 4 4"])
        }
    }

    @Test func `remembers who was active, and forgets them after a week`() async throws {
        try await withStores { stores in
            let users = try ["a", "b", "c"].map { try #require(UserID($0)) }
            let nowMs: Int64 = 1_800_000_000_000
            let marks = [users[0]: nowMs - OnlineStore.activeWindowMs - 1, users[1]: nowMs - 5, users[2]: nowMs]
            try await stores.online.markActive(marks, nowMs: nowMs)
            #expect(try await stores.online.latestUsers(countMax: 10) == [users[2], users[1]])
            let page = try await stores.online.activeUsers(after: nowMs - 6, countMax: 10)
            #expect(page.map(\.user) == [users[1], users[2]])
            #expect(try await stores.online.activeUsers(after: nowMs - 5, countMax: 10).map(\.user) == [users[2]])
        }
    }
}
