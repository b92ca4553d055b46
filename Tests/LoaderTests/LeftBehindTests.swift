// What another loader left behind when it died: decisions stand, what was not decided is given up. Each test puts Redis into the
// state between two writes of a loader, which a kill meets only now and then.

import Fixtures
import Models
import Redis
import Settings
import Stores
import TestServers
import Testing

@testable import Loader

@Suite(.serialized, .timeLimit(.minutes(2))) struct `What a dead loader leaves behind` {
    private func withStore(_ body: (RedisStores, ReleaseStore) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withStores(on: server) { stores in
                try await withDirectory { objects, _ in
                    let releases = ReleaseStore(objects: objects)
                    for tag in ["t1", "t2", "t3"] { try await ReleaseFixture.tagged(tag).publish(to: releases) }
                    try await body(stores, releases)
                }
            }
        }
    }

    private func loading(
        _ stores: RedisStores, _ releases: ReleaseStore, _ gate: GateSettings = .forUnrelatedReleases,
        _ instance: String = "loader@test:1", _ body: () async throws -> Void
    ) async throws {
        let settings = LoaderSettings(retireGraceMs: 0, retireKeysPerSecond: 1_000_000, pollMs: 50, gate: gate)
        let loader = Loader(stores: stores, releases: releases, settings: settings, instance: instance)
        try await loader.running(body)
    }

    private func outcome(_ request: String, _ stores: RedisStores) async throws -> ReleaseOutcome {
        try await eventually("\(request) is handled") { try await stores.releases.outcome()?.request == request }
        return try #require(try await stores.releases.outcome())
    }

    private func load(_ release: String, _ stores: RedisStores, token: String? = nil) async throws -> ReleaseOutcome {
        try await outcome(try await stores.releases.request(release, token: token), stores)
    }

    /// As if the loader had died before it wrote down what became of the request.
    private func forget(_ request: String, _ generation: Int, _ stores: RedisStores) async throws {
        _ = try await stores.client.send(RawCommand("DEL", ["releases:handled"]))
        _ = try await stores.client.send(RawCommand("HSET", ["gen:\(generation):meta", "request", .string(request)]))
    }

    @Test func `a release that was made live is not loaded twice, though it was to be loaded again`() async throws {
        try await withStore { stores, releases in
            var generation = 0
            try await loading(stores, releases) {
                #expect(try await load("r-t1", stores).state == "loaded")
                generation = try #require(try await load("r-t1", stores, token: "again").generation)
                #expect(try await stores.generations.info(generation)?.request == nil)
            }
            try await forget("r-t1 again", generation, stores)
            try await loading(stores, releases, .forUnrelatedReleases, "loader@test:2") {
                let outcome = try await outcome("r-t1 again", stores)
                #expect(outcome.state == "loaded" && outcome.generation == generation)
                #expect(try await stores.generations.active() == generation)
                #expect(try await stores.generations.all().last?.generation == generation)
                // The same words later are another request: the first answer does not settle them.
                #expect(try await load("r-t2", stores).state == "loaded")
                #expect(try await load("r-t1 again", stores).generation ?? 0 > generation)
            }
        }
    }

    @Test func `a person's answer that came in between stands`() async throws {
        var gate = GateSettings.forUnrelatedReleases
        gate.wantsApproval = true
        try await withStore { stores, releases in
            var (second, third) = (0, 0)
            try await loading(stores, releases, gate) {
                #expect(try await load("r-t1", stores).state == "loaded")
                second = try #require(try await load("r-t2", stores).generation)
            }
            try await forget("r-t2", second, stores)
            try await stores.generations.approve(second, by: "a person", kept: 2, nowMs: 5)
            try await loading(stores, releases, gate, "loader@test:2") {
                let outcome = try await outcome("r-t2", stores)
                #expect(outcome.state == "loaded" && outcome.generation == second)
                #expect(try await stores.generations.active() == second)
                // The report follows, though whoever approved did not live to write it.
                try await eventually("the report says so") {
                    try await stores.reports.report(of: "r-t2")?.decidedBy == "a person"
                }
                third = try #require(try await load("r-t3", stores).generation)
            }
            try await forget("r-t3", third, stores)
            try await loading(stores, releases, gate, "loader@test:3") {
                let outcome = try await outcome("r-t3", stores)
                #expect(outcome.state == "waiting" && outcome.generation == third)
                #expect(outcome.reason == "releases wait for approval (RELEASE_APPROVAL)")
            }
            try await forget("r-t3", third, stores)
            try await stores.generations.reject(third, reason: "not today", nowMs: 6)
            try await stores.reports.note(.refused, of: "r-t3", by: "a person", reason: "not today", nowMs: 6)
            try await loading(stores, releases, gate, "loader@test:4") {
                let outcome = try await outcome("r-t3", stores)
                #expect(outcome.state == "refused" && outcome.reason == "not today")
                #expect(try await stores.generations.active() == second)
            }
        }
    }

    @Test func `what was loaded and not decided on is given up before the release is loaded again`() async throws {
        try await withStore { stores, releases in
            let writer = stores.generationWriter
            let whole = try await writer.open(release: "r-t1", request: "r-t1", nowMs: 1)
            try await writer.finish(whole, figures: [:], nowMs: 2)
            let half = try await writer.open(release: "r-t1", request: "r-t1", nowMs: 3)
            try await stores.releases.request("r-t1")
            try await loading(stores, releases) {
                let generation = try #require(try await outcome("r-t1", stores).generation)
                #expect(generation > half)
                // Not by the number of what was never judged either.
                #expect(try await stores.generations.all().map(\.generation) == [generation])
            }
        }
    }

    @Test func `a release loaded once more is compared with the release before it, and taken back past itself`()
        async throws
    {
        try await withStore { stores, releases in
            try await loading(stores, releases) {
                let first = try #require(try await load("r-t1", stores).generation)
                try await stores.tallies.note(AnswerTally(answers: 5_000, [.padded: 50]), of: first, instance: "g1")
                _ = try await load("r-t2", stores)
                let again = try #require(try await load("r-t2", stores, token: "again").generation)
                #expect(try await stores.generations.info(again)?.watchedAgainst == first)
                try await stores.tallies.note(AnswerTally(answers: 5_000, [.padded: 4_000]), of: again, instance: "g1")
                try await eventually("the release before it is live") {
                    try await stores.generations.active() == first
                }
            }
        }
    }
}
