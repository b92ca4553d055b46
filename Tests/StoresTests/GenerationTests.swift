// Generations as a whole: numbers, the pointer, the way back, and what keeps two loaders apart.

import Fixtures
import Models
import Redis
import Stores
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Generations` {
    /// Makes generations that are loaded and not live; their numbers.
    private func load(_ count: Int, _ stores: RedisStores) async throws -> [Int] {
        var generations: [Int] = []
        for number in 1...count {
            let generation = try await stores.generationWriter.open(release: "r\(number)", nowMs: 1)
            let items = [ScoredItem(item: try #require(ItemID("p\(generation)")), score: 1)]
            try await stores.generationWriter.write([.popular(category: nil, items)], generation: generation)
            try await stores.generationWriter.finish(generation, figures: ["users": "7"], nowMs: 2)
            generations.append(generation)
        }
        return generations
    }

    @Test func `are numbered upwards and known from the first moment`() async throws {
        try await withStores { stores in
            let first = try await stores.generationWriter.open(release: "r1", nowMs: 5)
            #expect(try await stores.generations.all().map(\.state) == ["loading"])
            try await stores.generationWriter.finish(first, figures: ["users": "7"], nowMs: 9)
            let second = try await stores.generationWriter.open(release: "r2", nowMs: 6)
            #expect(second == first + 1)
            let all = try await stores.generations.all()
            #expect(all.map(\.generation) == [first, second])
            #expect(all.map(\.state) == ["ready", "loading"])
            #expect(all.map(\.release) == ["r1", "r2"])
            #expect(all.first?.fields["users"] == "7")
            #expect(all.first?.fields["loaded_at_ms"] == "9")
            #expect(try await stores.generations.active() == nil)
            #expect(try await stores.generations.info(77) == nil)
        }
    }

    @Test func `become live in one step, which remembers what was live before`() async throws {
        try await withStores { stores in
            let loaded = try await load(4, stores)
            var before: Int?
            for generation in loaded {
                #expect(try await stores.generations.activate(generation, kept: 2, nowMs: 100) == before)
                before = generation
            }
            #expect(try await stores.generations.active() == loaded[3])
            #expect(try await stores.generations.previous() == [loaded[2], loaded[1]])
            #expect(try await stores.generations.info(loaded[2])?.supersededAtMs == 100)
            #expect(try await stores.generations.info(loaded[3])?.activatedAtMs == 100)
            // What is live already stays so, and nothing moves.
            try await stores.generations.activate(loaded[3], kept: 2, nowMs: 200)
            #expect(try await stores.generations.previous() == [loaded[2], loaded[1]])
            // Going to one of the previous does not list any twice.
            try await stores.generations.activate(loaded[1], kept: 2, nowMs: 300)
            #expect(try await stores.generations.previous() == [loaded[3], loaded[2]])
            #expect(try await stores.generations.info(loaded[1])?.supersededAtMs == nil)
        }
    }

    @Test func `are refused as live unless they are whole`() async throws {
        try await withStores { stores in
            let loaded = try await load(1, stores)
            try await stores.generations.activate(loaded[0], kept: 2, nowMs: 1)
            let half = try await stores.generationWriter.open(release: "half", nowMs: 1)
            for generation in [half, 99] {
                await #expect(throws: StoreError.self) {
                    try await stores.generations.activate(generation, kept: 2, nowMs: 1)
                }
            }
            #expect(try await stores.generations.active() == loaded[0])
        }
    }

    @Test func `go back past those that are gone, and no further than there are`() async throws {
        try await withStores { stores in
            let loaded = try await load(3, stores)
            for generation in loaded { try await stores.generations.activate(generation, kept: 5, nowMs: 1) }
            #expect(try await stores.generationWriter.remove(loaded[1], keysPerSecond: 1_000_000) == 1)
            #expect(try await stores.generations.rollBack(nowMs: 2) == loaded[0])
            #expect(try await stores.generations.active() == loaded[0])
            #expect(try await stores.generations.info(loaded[2])?.supersededAtMs == 2)
            await #expect(throws: StoreError.self) { try await stores.generations.rollBack(nowMs: 3) }
            #expect(try await stores.generations.active() == loaded[0])
        }
    }

    @Test func `are moved only by the loader that holds the lease`() async throws {
        try await withStores { stores in
            let loaded = try await load(2, stores)
            let (mine, other) = (stores.loaderLease(token: "mine"), stores.loaderLease(token: "other"))
            #expect(try await mine.take())
            #expect(try await mine.take())
            #expect(try await !other.take())
            #expect(try await !other.extend())
            try await stores.generations.activate(loaded[0], kept: 2, nowMs: 1, leaseToken: "mine")
            // The lease of a loader that slept for too long is over, and another works.
            _ = try await stores.ask("DEL", "loader:lease")
            #expect(try await other.take())
            #expect(try await !mine.extend())
            do {
                try await stores.generations.activate(loaded[1], kept: 2, nowMs: 1, leaseToken: "mine")
                Issue.record("a loader without the lease moved the pointer")
            } catch let error as StoreError {
                #expect(error.code == .conflict)
                #expect(error.message.contains("another loader holds the lease"), "\(error)")
            }
            #expect(try await stores.generations.active() == loaded[0])
            // Giving back what is not ours changes nothing.
            try await mine.giveBack()
            #expect(try await other.extend())
            try await other.giveBack()
            #expect(try await mine.take())
            // An operator needs no lease.
            try await stores.generations.activate(loaded[1], kept: 2, nowMs: 1)
        }
    }

    @Test func `end with their lease unless it is extended`() async throws {
        try await withStores { stores in
            let lease = stores.loaderLease(token: "mine", durationMs: 50)
            #expect(try await lease.take())
            let other = stores.loaderLease(token: "other")
            try await eventually("the lease ends") { try await other.take() }
        }
    }

    @Test func `are removed to the last key and no key further`() async throws {
        try await withStores { stores in
            // 1 and 10 to 12: a pattern that takes gen:1 for gen:1* would take all.
            let loaded = try await load(12, stores)
            let lists = try (0..<2500).map {
                GenerationList.offline(
                    try #require(UserID("u\($0)")), [ScoredItem(item: try #require(ItemID("x")), score: 1)])
            }
            try await stores.generationWriter.write(lists, generation: loaded[0])
            #expect(try await stores.generationWriter.remove(loaded[0], keysPerSecond: 1_000_000) == 2501)
            #expect(try await stores.generations.all().map(\.generation) == Array(loaded.dropFirst()))
            for generation in loaded.dropFirst() {
                #expect(try await stores.lists.popular(generation: generation, category: nil).count == 1)
            }
            #expect(try await stores.lists.popular(generation: loaded[0], category: nil).isEmpty)
            // Removing what is gone is no error: another loader may have been quicker.
            #expect(try await stores.generationWriter.remove(loaded[0], keysPerSecond: 1_000_000) == 0)
            #expect(try await stores.generations.info(loaded[0]) == nil)
        }
    }

    @Test func `are read list by list as they were written`() async throws {
        try await withStores { stores in
            let (a, b) = (try #require(ItemID("a")), try #require(ItemID("b")))
            let user = try #require(UserID("u1"))
            let generation = try await stores.generationWriter.open(release: "r", nowMs: 1)
            let list = [ScoredItem(item: a, score: 1.5), ScoredItem(item: b, score: 0.25)]
            let item = CatalogueItem(isAvailable: false, categories: ["leaf", "root"])
            try await stores.generationWriter.write(
                [
                    .offline(user, list), .similar(a, list), .popular(category: nil, list),
                    .popular(category: "c", [list[1]]),
                    .item(a, item),
                ], generation: generation)
            let lists = stores.lists
            #expect(try await lists.offline(of: user, generation: generation) == list)
            #expect(try await lists.similar([b, a], generation: generation) == [[], list])
            #expect(try await lists.popular(generation: generation, category: nil) == list)
            #expect(try await lists.popular(generation: generation, category: "c") == [list[1]])
            #expect(try await lists.catalogue([a, b], generation: generation) == [item, nil])
            let state = try await lists.state(of: user, generation: generation, deadlineMs: 5000)
            #expect(state.offline == list)
            #expect(state.online == [])
            // One side that fails is missing; the other is there.
            _ = try await stores.ask("SET", "online:{u1}", "by hand")
            let half = try await lists.state(of: user, generation: generation, deadlineMs: 5000)
            #expect(half.online == nil)
            #expect(half.offline == list)
        }
    }
}
