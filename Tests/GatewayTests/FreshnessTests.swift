// Reading one's own writes by stream id.

import Fixtures
import HummingbirdTesting
import Models
import NIOCore
import Stores
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `Reading your own write` {
    private static let lists = TestLists(similar: ["a": ["a1"], "b": ["b1"]], popular: ["p1", "p2"])
    private static let timeMs: Int64 = 1_700_000_000_000

    @Test func `costs no wait when the event shows already`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            let id = try await system.touch("u", "a", atMs: Self.timeMs, generation: generation)
            let answer = try await system.answer("/v1/recommendations/u?after=\(id)&wait_ms=10000")
            #expect(!answer.stale)
            #expect(answer.online_as_of == id.description)
            #expect(system.gateway.statistics.staleAnswers == 0)
            // A later event of the same user is no proof: another consumer may still hold the earlier one.
            #expect(try await system.answer("/v1/recommendations/u?after=5-0&wait_ms=20").stale)
        }
    }

    @Test func `waits until the event has been applied`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("u", "a", atMs: Self.timeMs, generation: generation)
            async let waiting = system.answer("/v1/recommendations/u?k=1&after=\(Self.timeMs + 5)-0&wait_ms=10000")
            try await eventually("the request waits") {
                String(buffer: try await system.get("/v1/stats").body).contains(#""waiting":1"#)
            }
            try await system.touch("u", "b", atMs: Self.timeMs + 5, generation: generation)
            let answer = try await waiting
            #expect(!answer.stale)
            #expect(answer.items == ["b1"])
            #expect(answer.online_as_of == "\(Self.timeMs + 5)-0")
        }
    }

    @Test func `says that the answer is stale when the time is up`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("u", "a", atMs: Self.timeMs, generation: generation)
            for query in ["after=9999999999999-0&wait_ms=20", "after=9999999999999-0", "after=9999999999999&wait_ms=0"]
            {
                let answer = try await system.answer("/v1/recommendations/u?k=2&\(query)")
                #expect(answer.stale)
                #expect(answer.items == ["a1", "p1"])
            }
            #expect(system.gateway.statistics.staleAnswers == 3)
        }
    }

    @Test func `ends when the consumer is done with an event that left no trace`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            let events = system.stores.events
            try await events.createGroup(.features)
            let id = try await events.append([(user: try userID("u"), fields: [("user_id", "u")])])[0].get()
            let uri = "/v1/recommendations/u?after=\(id)&wait_ms=20"
            #expect(try await system.answer(uri).stale, "nobody has taken the entry yet")
            try await events.withReader(group: .features, consumer: "test") { reader in
                let entries = try await reader.read(countMax: 10, blockMs: 1000)
                #expect(entries.count == 1)
                #expect(try await system.answer(uri).stale, "the entry is taken, but nobody is done with it")
                try await events.acknowledge(entries, group: .features)
            }
            #expect(try await !system.answer(uri).stale)
        }
    }

    @Test func `takes no waiter's place when the event shows already`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            let id = try await system.touch("u", "a", atMs: Self.timeMs, generation: generation)
            let reader = StateReader(
                lists: system.stores.lists, events: system.stores.events, deadlineMs: 2000, waitersMax: 0)
            let (state, isStale) = await reader.read(
                try userID("u"), generation: generation, itemsLatest: 3,
                freshness: Freshness(after: id, waitMs: 10_000))
            #expect(!isStale)
            #expect(state?.online?.map(\.item.text) == ["a"])
        }
    }

    @Test func `is refused beyond so many waiters, with an answer`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            let reader = StateReader(
                lists: system.stores.lists, events: system.stores.events, deadlineMs: 2000, waitersMax: 1)
            let user = try userID("u")
            let freshness = Freshness(after: StreamID(milliseconds: UInt64(Self.timeMs), sequence: 0), waitMs: 10_000)
            async let admitted = reader.read(user, generation: generation, itemsLatest: 3, freshness: freshness)
            try await eventually("one waits") { reader.waiting == 1 }
            let refused = await reader.read(user, generation: generation, itemsLatest: 3, freshness: freshness)
            #expect(refused.isStale)
            #expect(refused.state?.online == [])
            try await system.touch("u", "a", atMs: Self.timeMs, generation: generation)
            let (state, isStale) = await admitted
            #expect(!isStale)
            #expect(state?.online?.map(\.item.text) == ["a"])
            #expect(reader.waiting == 0)
        }
    }
}
