// Redis may lose our functions: by FUNCTION FLUSH, or by coming back empty. No store notices.

import Fixtures
import Models
import NIOCore
import Redis
import Stores
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Functions that are gone` {
    static let uses: [(name: String, use: @Sendable (RedisStores) async throws -> Void)] = [
        (
            "online_apply",
            { stores in
                let event = Event(user: try #require(UserID("u1")), item: try #require(ItemID("i1")))
                let id = try #require(StreamID("1800000000000-1"))
                let update = OnlineUpdate(event: StreamedEvent(id: id, event: event), generation: 1, similar: nil)
                // Many in one pipeline: those behind the first must not be applied before it or twice.
                let results = await stores.online.apply([update, update, update], itemsMax: 5, ttlSeconds: 100)
                #expect(try results.map { try $0.get() } == [.applied, .older, .older])
            }
        ),
        (
            "events_quarantine",
            { stores in
                try await stores.append("u1", items: ["i1"])
                try await stores.events.createGroup(.features)
                let entries = try await stores.events.withReader(group: .features, consumer: "c") { reader in
                    try await reader.read(countMax: 1, blockMs: 1)
                }
                try await stores.events.quarantine(try #require(entries.first), group: .features, reason: "r")
                #expect(try await stores.events.quarantined(countMax: 9).count == 1)
            }
        ),
        (
            "generation_activate and generation_rollback",
            { stores in
                for expected in 1...2 {
                    let generation = try await stores.generationWriter.open(release: "r", nowMs: 1)
                    try await stores.generationWriter.finish(generation, figures: [:], nowMs: 1)
                    try await stores.generations.activate(generation, kept: 2, nowMs: 1)
                    #expect(try await stores.generations.active() == expected)
                }
                _ = try await stores.ask("FUNCTION", "FLUSH")
                #expect(try await stores.generations.rollBack(nowMs: 2) == 1)
            }
        ),
        (
            "those of training",
            { stores in
                let run = try await stores.training.request(nil, by: "test", nowMs: 1).run
                let queue = stores.trainingQueue(trainer: "mine", leaseMs: 60_000)
                _ = try await stores.ask("FUNCTION", "FLUSH")
                let fence = try #require(try await queue.takeLease())
                _ = try await stores.ask("FUNCTION", "FLUSH")
                let order = try await queue.take(fence: fence, attemptsMax: 1, mode: .manual, nowMs: 2)
                #expect(order?.run == run)
            }
        ),
        (
            "lease_extend and lease_release",
            { stores in
                let lease = stores.loaderLease(token: "mine")
                #expect(try await lease.take())
                #expect(try await lease.extend())
                _ = try await stores.ask("FUNCTION", "FLUSH")
                try await lease.giveBack()
                #expect(try await stores.loaderLease(token: "other").take())
            }
        ),
    ]

    @Test(arguments: uses.indices)
    func `are loaded again by the call that needs them`(index: Int) async throws {
        try await withStores { stores in
            _ = try await stores.ask("FUNCTION", "FLUSH")
            try await Self.uses[index].use(stores)
        }
    }

    @Test func `are loaded again after Redis came back empty`() async throws {
        try await withRedisServer { server in
            try await withStores(on: server) { stores in
                try await Self.uses[0].use(stores)
                try await server.restart()
                try await Self.uses[0].use(stores)
            }
        }
    }
}
