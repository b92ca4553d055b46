// What processes tell each other: requests for releases, hidden items, signs of life, and bells.

import Fixtures
import Models
import Redis
import Stores
import Synchronization
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Coordination` {
    @Test func `a request stands until another comes, and its outcome says what became of it`() async throws {
        try await withStores { stores in
            #expect(try await stores.releases.latest() == nil)
            #expect(try await stores.releases.outcome() == nil)
            #expect(try await stores.releases.request("r1") == "r1")
            #expect(try await stores.releases.latest() == "r1")
            let loaded = ReleaseOutcome(request: "r1", state: "loaded", generation: 4, reason: nil)
            try await stores.releases.record(loaded, nowMs: 1)
            #expect(try await stores.releases.outcome() == loaded)
            #expect(try await stores.releases.request("r1", token: "again") == "r1 again")
            #expect(try await stores.releases.latest() == "r1 again")
            // Nothing of the earlier outcome shines through the later one.
            let refused = ReleaseOutcome(request: "r1 again", state: "refused", generation: nil, reason: "too large")
            try await stores.releases.record(refused, nowMs: 2)
            #expect(try await stores.releases.outcome() == refused)
        }
    }

    @Test func `items are hidden and shown again, and it is said how many that changed`() async throws {
        try await withStores { stores in
            let (a, b) = (try #require(ItemID("a")), try #require(ItemID("b")))
            #expect(try await stores.hidden.all().isEmpty)
            #expect(try await stores.hidden.hide([a, b, a]) == 2)
            #expect(try await stores.hidden.hide([a]) == 0)
            #expect(try await stores.hidden.all() == [a, b])
            #expect(try await stores.hidden.show([a]) == 1)
            #expect(try await stores.hidden.show([a]) == 0)
            #expect(try await stores.hidden.hide([]) == 0)
            #expect(try await stores.hidden.all() == [b])
        }
    }

    @Test func `who has been silent for too long is not waited for`() async throws {
        try await withStores { stores in
            let nowMs: Int64 = 1_800_000_000_000
            try await stores.instances.beat("old", nowMs: nowMs - InstanceRegistry.silenceMaxMs - 1)
            try await stores.instances.beat("gateway@a", nowMs: nowMs - InstanceRegistry.silenceMaxMs)
            #expect(try await stores.instances.alive(nowMs: nowMs) == ["gateway@a"])
            try await stores.instances.beat("features@b", nowMs: nowMs)
            #expect(try await stores.instances.alive(nowMs: nowMs) == ["features@b", "gateway@a"])
            guard case .integer(let count) = try await stores.ask("ZCARD", "instances") else {
                throw NeverHappened(description: "no count")
            }
            #expect(count == 2, "the silent one is removed, not only passed over")
            try await stores.instances.leave("gateway@a")
            #expect(try await stores.instances.alive(nowMs: nowMs) == ["features@b"])
            #expect(try await stores.instances.acknowledgements(of: 3).isEmpty)
            try await stores.instances.acknowledge(3, instance: "features@b", nowMs: nowMs)
            #expect(try await stores.instances.acknowledgements(of: 3) == ["features@b": nowMs])
            guard case .integer(let seconds) = try await stores.ask("TTL", "generation:3:acks") else {
                throw NeverHappened(description: "no TTL")
            }
            #expect(seconds > 0)
        }
    }

    @Test func `a watcher looks when it connects, when the bell rings, and after Redis was away`() async throws {
        var options = RedisServer.Options()
        options.isPersistent = true
        try await withRedisServer(options) { server in
            try await withStores(on: server) { stores in
                let looks = Looks()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // A poll that is too slow to be what makes it look.
                    group.addTask { try await stores.watch.run(.hidden, pollMs: 3_600_000) { looks.add() } }
                    try await eventually("it looks at the beginning") { looks.count >= 1 }
                    let before = looks.count
                    _ = try await stores.hidden.hide([try #require(ItemID("a"))])
                    try await eventually("it hears the bell") { looks.count > before }
                    let again = looks.count
                    try await server.restart()
                    try await eventually("it looks when Redis is back") { looks.count > again }
                    group.cancelAll()
                }
            }
        }
    }

    @Test func `a watcher looks now and then although no bell rings`() async throws {
        try await withStores { stores in
            let looks = Looks()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await stores.watch.run(.releases, pollMs: 10) { looks.add() } }
                try await eventually("it polls") { looks.count >= 5 }
                group.cancelAll()
            }
        }
    }
}

/// How often a watcher looked.
private final class Looks: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
}
