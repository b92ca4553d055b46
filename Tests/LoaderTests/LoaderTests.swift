// The loader against a real Redis and a real directory: what becomes live, what is refused, and what stays.

import Fixtures
import Logging
import Models
import NIOCore
import ObjectStore
import Redis
import Settings
import Stores
import TestServers
import Testing

@testable import Loader

extension GateSettings {
    /// The releases of most tests have nothing in common, so that a mixture of them would show.
    static var forUnrelatedReleases: GateSettings {
        var settings = GateSettings()
        settings.overlapMin = 0
        return settings
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct `The loader` {
    private let settings = LoaderSettings(
        retireGraceMs: 0, retireKeysPerSecond: 1_000_000, pollMs: 100, gate: .forUnrelatedReleases)

    /// Runs a loader beside `body`.
    private func withLoader(
        redis: RedisServer.Options = .init(), settings: LoaderSettings? = nil,
        _ body: (RedisStores, ReleaseStore, any ObjectStore) async throws -> Void
    ) async throws {
        try await withRedisServer(redis) { server in
            try await withStores(on: server) { stores in
                try await withDirectory { objects, _ in
                    let releases = ReleaseStore(objects: objects)
                    let loader = Loader(
                        stores: stores, releases: releases, settings: settings ?? self.settings, instance: "loader@test"
                    )
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await loader.run() }
                        try await body(stores, releases, objects)
                        group.cancelAll()
                    }
                }
            }
        }
    }

    private func load(_ release: String, _ stores: RedisStores, token: String? = nil) async throws -> ReleaseOutcome {
        let request = try await stores.releases.request(release, token: token)
        try await eventually("\(request) is handled") { try await stores.releases.outcome()?.request == request }
        return try #require(try await stores.releases.outcome())
    }

    @Test func `makes a release live, list by list as it was written`() async throws {
        try await withLoader { stores, releases, _ in
            try await ReleaseFixture(
                "r1", offline: [("u1", ["a", "b"]), ("u2", ["c"])], similar: [("a", ["b", "a", "c"])],
                popular: ["a", "b"],
                items: [("a", true, "leaf root"), ("b", true, "root"), ("c", false, "")]
            ).publish(to: releases)
            let outcome = try await load("r1", stores)
            #expect(outcome.state == "loaded")
            #expect(try await stores.generations.active() == outcome.generation)
            let generation = try #require(outcome.generation)
            let user = try #require(UserID("u1"))
            let (a, b, c) = (try #require(ItemID("a")), try #require(ItemID("b")), try #require(ItemID("c")))
            #expect(try await stores.lists.offline(of: user, generation: generation).map(\.item) == [a, b])
            // Neither the item beside itself, nor one that cannot be bought.
            #expect(
                try await stores.lists.similar([a, c], generation: generation).map { $0.map(\.item) } == [[b], []])
            #expect(try await stores.lists.popular(generation: generation, category: nil).map(\.item) == [a, b])
            #expect(
                try await stores.lists.catalogue([a, c], generation: generation) == [
                    CatalogueItem(isAvailable: true, categories: ["leaf", "root"]),
                    CatalogueItem(isAvailable: false, categories: []),
                ])
            // u2's only item is not available, so nothing is left of the list.
            let other = try #require(UserID("u2"))
            #expect(try await stores.lists.offline(of: other, generation: generation).isEmpty)
        }
    }

    @Test func `finds the newest release by itself where Redis is empty`() async throws {
        try await withLoader { stores, releases, _ in
            try await ReleaseFixture("r1").publish(to: releases)
            try await ReleaseFixture("r2").publish(to: releases)
            try await eventually("a generation is live") { try await stores.generations.active() != nil }
            let active = try #require(try await stores.generations.active())
            #expect(["r1", "r2"].contains(try await stores.generations.info(active)?.release))
            #expect(try await load("r2", stores).state == "loaded")
        }
    }

    @Test func `hears of a release through the key alone, when the bell is lost`() async throws {
        try await withLoader { stores, releases, _ in
            try await ReleaseFixture("r1").publish(to: releases)
            // What redis-cli would do, without the PUBLISH.
            _ = try await stores.client.send(RawCommand("SET", ["releases:latest", "r1"]))
            try await eventually("the loader polls") { try await stores.releases.outcome()?.request == "r1" }
        }
    }

    @Test func `does not load again what is live, unless it is told to`() async throws {
        try await withLoader { stores, releases, _ in
            try await ReleaseFixture("r1").publish(to: releases)
            try await ReleaseFixture("r2").publish(to: releases)
            let first = try await load("r1", stores)
            _ = try await load("r2", stores)
            let again = try await load("r2", stores, token: "once-more")
            #expect(again.generation != first.generation)
            #expect(try await stores.generations.info(try #require(again.generation))?.release == "r2")
        }
    }

    @Test func `takes the newest release that is in the store when it is asked for that`() async throws {
        try await withLoader { stores, releases, _ in
            let nothing = try await load(ReleaseRequests.newest, stores, token: "1")
            #expect(nothing.state == "refused")
            #expect(nothing.reason?.contains("holds no release") == true)
            try await ReleaseFixture("r1").publish(to: releases)
            try await ReleaseFixture("r2").publish(to: releases)
            let outcome = try await load(ReleaseRequests.newest, stores, token: "2")
            #expect(try await stores.generations.info(try #require(outcome.generation))?.release == "r2")
        }
    }

    @Test func `keeps what a rollback needs and removes the rest to the last key`() async throws {
        try await withLoader { stores, releases, _ in
            for number in 1...5 { try await ReleaseFixture.tagged("t\(number)").publish(to: releases) }
            // The loader may have found a release by itself before the first request; so numbers are not counted on.
            for number in 1...5 { #expect(try await load("r-t\(number)", stores).state == "loaded") }
            try await eventually("old generations are gone") { try await stores.generations.all().count == 3 }
            let kept = try await stores.generations.all()
            #expect(kept.map(\.release) == ["r-t3", "r-t4", "r-t5"])
            let numbers = kept.map(\.generation)
            let keys = try await stores.client.send(RawCommand("KEYS", ["gen:*"]))
            guard case .array(let names) = keys else { throw NeverHappened(description: "KEYS answered \(keys)") }
            for name in names {
                guard case .bulk(let bytes) = name else { continue }
                let generation = String(buffer: bytes).split(separator: ":").dropFirst().first.flatMap { Int($0) }
                #expect(numbers.contains(try #require(generation)), "\(String(buffer: bytes))")
            }
            #expect(try await stores.generations.rollBack(nowMs: 1) == numbers[1])
            #expect(try await stores.generations.rollBack(nowMs: 2) == numbers[0])
            #expect(try await stores.generations.active() == numbers[0])
            await #expect(throws: StoreError.self) { try await stores.generations.rollBack(nowMs: 3) }
        }
    }

    @Test func `clears away what a loader that died left half loaded`() async throws {
        try await withLoader { stores, releases, _ in
            let orphan = try await stores.generationWriter.open(release: "r-dead", nowMs: 1)
            try await stores.generationWriter.write([.popular(category: nil, [])], generation: orphan)
            try await ReleaseFixture("r1").publish(to: releases)
            #expect(try await load("r1", stores).generation == orphan + 1)
            try await eventually("the orphan is gone") { try await stores.generations.all().count == 1 }
        }
    }

    static let damages:
        [(name: String, damage: @Sendable (ReleaseFixture, ReleaseStore, any ObjectStore) async throws -> Void)] = [
            (
                "SHA-256",
                { fixture, releases, objects in
                    try await fixture.publish(to: releases)
                    let key = "recommendations/\(fixture.name)/offline.csv.gz"
                    var bytes = try await objects.getWhole(key, bytesMax: 1_000_000)
                    bytes[4] ^= 1
                    try await objects.put(key, bytes: bytes)
                }
            ),
            (
                "ends in the middle",
                { fixture, releases, objects in
                    try await fixture.publish(to: releases)
                    let key = "recommendations/\(fixture.name)/offline.csv.gz"
                    let bytes = try await objects.getWhole(key, bytesMax: 1_000_000)
                    try await objects.put(key, bytes: Array(bytes.dropLast(20)))
                }
            ),
            (
                "similar.csv.gz",
                { fixture, releases, objects in
                    try await fixture.publish(to: releases)
                    try await objects.delete("recommendations/\(fixture.name)/similar.csv.gz")
                }
            ),
            ("no manifest", { fixture, releases, _ in _ = try await fixture.write(to: releases) }),
            (
                "not of the expected form",
                { fixture, releases, objects in
                    try await fixture.publish(to: releases)
                    try await objects.put(
                        "recommendations/\(fixture.name)/manifest.json", bytes: Array("{\"format\":1}".utf8))
                }
            ),
            (
                "line 3: item_id",
                { fixture, releases, _ in
                    var fixture = fixture
                    fixture.offline = [("u1", ["a", "no item"])]
                    try await fixture.publish(to: releases)
                }
            ),
            (
                "do not stand together",
                { fixture, releases, _ in
                    var fixture = fixture
                    fixture.offline = [("u1", ["a"]), ("u2", ["a"]), ("u1", ["b"])]
                    try await fixture.publish(to: releases)
                }
            ),
            (
                "no popular items",
                { fixture, releases, _ in
                    var fixture = fixture
                    fixture.popular = []
                    try await fixture.publish(to: releases)
                }
            ),
        ]

    @Test(arguments: damages.indices)
    func `refuses a damaged release with the reason and keeps the live one`(index: Int) async throws {
        let (reason, damage) = Self.damages[index]
        try await withLoader { stores, releases, objects in
            try await ReleaseFixture.tagged("good").publish(to: releases)
            let live = try #require(try await load("r-good", stores).generation)
            try await damage(ReleaseFixture.tagged("bad"), releases, objects)
            let outcome = try await load("r-bad", stores)
            #expect(outcome.state == "refused")
            #expect(outcome.reason?.contains(reason) == true, "\(outcome.reason ?? "no reason")")
            #expect(try await stores.generations.active() == live)
            try await eventually("nothing is left of it") { try await stores.generations.all().count == 1 }
        }
    }

    @Test func `refuses what would not fit into Redis before it writes a key, with the numbers`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--maxmemory", "3mb"]
        try await withLoader(redis: options) { stores, releases, _ in
            try await ReleaseFixture("r1").publish(to: releases)
            _ = try await load("r1", stores)
            try await ReleaseFixture.tagged("big", users: 3000, listLength: 100).publish(to: releases)
            let outcome = try await load("r-big", stores)
            #expect(outcome.state == "refused")
            #expect(outcome.reason?.contains("3 MB (maxmemory)") == true, "\(outcome.reason ?? "no reason")")
            #expect(try await stores.generations.all().map(\.release) == ["r1"])
        }
    }

    @Test func `gives way to another loader that holds the lease`() async throws {
        try await withLoader { stores, releases, _ in
            try await ReleaseFixture("r1").publish(to: releases)
            _ = try await load("r1", stores)
            let generation = try #require(try await stores.generations.active())
            let other = stores.loaderLease(token: "another", durationMs: 60_000)
            // The loader may take its lease again in between.
            try await eventually("the other has the lease") {
                _ = try await stores.client.send(RawCommand("DEL", ["loader:lease"]))
                return try await other.take()
            }
            // A loader that lost its lease while it worked must not move the pointer.
            await #expect(throws: StoreError.self) {
                try await stores.generations.activate(generation, kept: 2, nowMs: 1, leaseToken: "loader@test")
            }
            try await ReleaseFixture("r2").publish(to: releases)
            let request = try await stores.releases.request("r2")
            #expect(try await stores.releases.outcome()?.request != request)
            try await other.giveBack()
            try await eventually("it goes on") { try await stores.releases.outcome()?.request == request }
        }
    }
}
