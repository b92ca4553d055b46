// Releases before a closed gate, with a real Redis: what waits, who lets it through, what survives a loader's death, and what
// is taken back.

import Fixtures
import Models
import NIOCore
import ObjectStore
import Redis
import Settings
import Stores
import TestServers
import Testing

@testable import Loader

@Suite(.serialized, .timeLimit(.minutes(2))) struct `A release before the gate` {
    private static func settings(_ gate: GateSettings) -> LoaderSettings {
        LoaderSettings(retireGraceMs: 0, retireKeysPerSecond: 1_000_000, pollMs: 50, gate: gate)
    }

    private static var autonomous: GateSettings {
        var gate = GateSettings()
        gate.isAutonomous = true
        return gate
    }

    private func withStore(_ body: (RedisStores, ReleaseStore) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withStores(on: server) { stores in
                try await withDirectory { objects, _ in try await body(stores, ReleaseStore(objects: objects)) }
            }
        }
    }

    /// Runs a loader beside `body`; it is gone afterwards as if it had been killed.
    private func loading(
        _ stores: RedisStores, _ releases: ReleaseStore, _ gate: GateSettings = GateSettings(),
        _ instance: String = "loader@test:1", _ body: () async throws -> Void
    ) async throws {
        let loader = Loader(stores: stores, releases: releases, settings: Self.settings(gate), instance: instance)
        try await loader.running(body)
    }

    private func outcome(_ release: String, _ stores: RedisStores, token: String? = nil) async throws -> ReleaseOutcome
    {
        let request = try await stores.releases.request(release, token: token)
        try await eventually("\(request) is handled") { try await stores.releases.outcome()?.request == request }
        return try #require(try await stores.releases.outcome())
    }

    /// Ten users with lists of a release's own items and, of those, `shared` that other releases have too.
    private func fixture(_ name: String, users: ClosedRange<Int> = 1...10, shared: Int = 5) -> ReleaseFixture {
        ReleaseFixture(
            name,
            offline: users.map { user in
                ("u\(user)", (1...10).map { $0 <= shared ? "common\($0)" : "\(name).\(user).\($0)" })
            }, popular: ["p1", "p2"])
    }

    private func liveRelease(_ stores: RedisStores) async throws -> String? {
        guard let active = try await stores.generations.active() else { return nil }
        return try await stores.generations.info(active)?.release
    }

    @Test func `is measured against the live one, user by user`() async throws {
        try await withStore { stores, releases in
            try await fixture("r1", users: 1...10).publish(to: releases)
            try await fixture("r2", users: 4...12, shared: 3).publish(to: releases)
            try await loading(stores, releases) {
                #expect(try await outcome("r1", stores).state == "loaded")
                let first = try #require(try await stores.reports.report(of: "r1"))
                #expect(first.live == nil && first.decision == .passed && first.new.users == 10)
                #expect(try await outcome("r2", stores).state == "loaded")
            }
            let report = try #require(try await stores.reports.report(of: "r2"))
            #expect(report.live?.release == "r1" && report.live?.users == 10)
            #expect(report.new.users == 9 && report.usersLost == 3 && report.usersGained == 2)
            // Users 4 to 10 have both lists; three of their ten items are in both.
            #expect(report.overlapUsers == 7 && report.overlapAtTen == 0.3)
            #expect(report.new.itemsCovered == 3 + 9 * 7 && report.live?.itemsCovered == 5 + 10 * 5)
            #expect(report.new.shortLists == 0)
        }
    }

    @Test func `waits for a person where it is outside of the margins, through a loader's death`() async throws {
        try await withStore { stores, releases in
            try await fixture("r1").publish(to: releases)
            try await fixture("r2", users: 1...3).publish(to: releases)
            var generation = 0
            try await loading(stores, releases) {
                _ = try await outcome("r1", stores)
                let outcome = try await outcome("r2", stores)
                #expect(outcome.state == "waiting")
                #expect(outcome.reason?.hasPrefix("7 of 10 users lose their list (70 %, at most 50 %);") == true)
                generation = try #require(outcome.generation)
                #expect(try await liveRelease(stores) == "r1")
                // Not by its number either.
                await #expect(throws: StoreError.self) {
                    try await stores.generations.activate(generation, kept: 2, nowMs: 1)
                }
            }
            try await loading(stores, releases, .init(), "loader@test:2") {
                // The new loader has looked at everything once it has handled this.
                #expect(try await outcome("r1", stores, token: "again").state == "loaded")
                try await eventually("what waited is gone, since a newer one is live") {
                    try await stores.generations.info(generation) == nil
                }
                #expect(try await outcome("r2", stores, token: "2").state == "waiting")
                let waiting = try #require(try await stores.releases.outcome()?.generation)
                try await stores.generations.approve(waiting, by: "a person", kept: 2, nowMs: 5)
                #expect(try await liveRelease(stores) == "r2")
                #expect(try await stores.generations.info(waiting)?.fields["approved_by"] == "a person")
                let settled = try #require(try await stores.releases.outcome())
                #expect(settled.state == "loaded" && settled.generation == waiting && settled.reason == nil)
                await #expect(throws: StoreError.self) {
                    try await stores.generations.approve(waiting, by: "twice", kept: 2, nowMs: 6)
                }
            }
        }
    }

    @Test func `keeps waiting while a loader dies and another comes, and goes once it is refused`() async throws {
        try await withStore { stores, releases in
            try await fixture("r1").publish(to: releases)
            try await fixture("r2").publish(to: releases)
            var gate = GateSettings()
            gate.wantsApproval = true
            var generation = 0
            try await loading(stores, releases, gate) {
                #expect(try await outcome("r1", stores).state == "loaded")
                let outcome = try await outcome("r2", stores)
                #expect(outcome.state == "waiting")
                generation = try #require(outcome.generation)
            }
            try await loading(stores, releases, gate, "loader@test:2") {
                try await stores.releases.request("r-none")
                try await eventually("the next loader works") {
                    try await stores.releases.outcome()?.request == "r-none"
                }
                #expect(try await stores.generations.info(generation)?.state == "waiting")
                try await stores.generations.reject(generation, reason: "not today", nowMs: 7)
                try await eventually("its keys are gone") { try await stores.generations.info(generation) == nil }
                #expect(try await liveRelease(stores) == "r1")
            }
        }
    }

    @Test func `is kept out where nobody is to be asked, and stays out`() async throws {
        try await withStore { stores, releases in
            try await fixture("r1").publish(to: releases)
            try await fixture("r2", users: 1...3).publish(to: releases)
            try await fixture("r3", users: 1...6, shared: 0).publish(to: releases)
            try await ReleaseFixture("r4").publish(to: releases)
            try await loading(stores, releases, Self.autonomous) {
                _ = try await outcome("r1", stores)
                for (release, why) in [
                    ("r2", "7 of 10 users lose"), ("r3", "lists share 0 % of their first ten"),
                    ("r4", "no offline list"),
                ] {
                    let outcome = try await outcome(release, stores)
                    #expect(outcome.state == "refused")
                    #expect(outcome.reason?.contains(why) == true, "\(outcome.reason ?? "")")
                    #expect(try await stores.reports.report(of: release)?.decision == .refused)
                }
                try await eventually("what was kept out is gone") { try await stores.generations.all().count == 1 }
                #expect(try await liveRelease(stores) == "r1")
                // A request that is delivered again loads nothing, whatever was asked for in between.
                let again = try await outcome("r2", stores, token: "again")
                #expect(again.state == "refused" && again.reason?.contains("7 of 10 users lose") == true, "\(again)")
                #expect(try await stores.generations.all().map(\.release) == ["r1"])
                // A person may send it past the gate.
                #expect(try await outcome("r2", stores, token: "\(ReleaseRequests.ungatedToken)-1").state == "loaded")
                #expect(try await liveRelease(stores) == "r2")
                #expect(try await stores.reports.report(of: "r2")?.decision == .approved)
            }
        }
    }

    @Test func `without any list is kept out whatever the mode`() async throws {
        try await withStore { stores, releases in
            try await fixture("r1").publish(to: releases)
            try await ReleaseFixture("r2").publish(to: releases)
            try await loading(stores, releases) {
                _ = try await outcome("r1", stores)
                let outcome = try await outcome("r2", stores)
                #expect(outcome.state == "refused")
                #expect(outcome.reason?.contains("it has no offline list, the live one has 10") == true)
                #expect(try await liveRelease(stores) == "r1")
            }
        }
    }

    @Test func `is taken back when answers become worse, and not loaded again`() async throws {
        try await withStore { stores, releases in
            try await fixture("r1").publish(to: releases)
            try await fixture("r2").publish(to: releases)
            try await loading(stores, releases) {
                let before = try #require(try await outcome("r1", stores).generation)
                try await stores.tallies.note(AnswerTally(answers: 5_000, [.padded: 50]), of: before, instance: "g1")
                try await stores.tallies.note(AnswerTally(answers: 5_000, [.padded: 60]), of: before, instance: "g2")
                let after = try #require(try await outcome("r2", stores).generation)
                try await stores.tallies.note(AnswerTally(answers: 600, [.padded: 400]), of: after, instance: "g1")
                try await eventually("it is taken back") { try await stores.generations.active() == before }
                try await eventually("it is said") { try await stores.releases.outcome()?.state == "refused" }
                let said = try #require(try await stores.releases.outcome())
                #expect(said.request == "r2" && said.reason?.hasPrefix("66.7 % of 600 answers were filled up") == true)
                try await eventually("it is noted") {
                    try await stores.reports.report(of: "r2")?.decision == .withdrawn
                }
                // Whoever asks for it once more, by its name or as the newest, changes nothing; a person may.
                for release in ["r2", ReleaseRequests.newest] {
                    let again = try await outcome(release, stores, token: "again-\(release)")
                    #expect(again.state == "refused")
                    #expect(again.reason?.contains("66.7 % of 600 answers were filled up") == true, "\(again)")
                    #expect(again.reason?.contains("--release r2 --ungated") == true, "\(again)")
                    #expect(try await stores.generations.active() == before)
                }
                #expect(try await stores.reports.report(of: "r2")?.decision == .withdrawn)
                // Two polls later it is still so: the handled request is not taken up again.
                #expect(try await outcome("r1", stores).state == "loaded")
                #expect(try await stores.generations.active() == before)
            }
        }
    }

    @Test func `is not taken back without a rise, after its time, or where somebody else made it live`() async throws {
        try await withStore { stores, releases in
            try await fixture("r1").publish(to: releases)
            try await fixture("r2").publish(to: releases)
            let watch = SwitchWatch(stores: stores, settings: GateSettings(), leaseToken: "loader@test:9")
            try await loading(stores, releases) {
                let before = try #require(try await outcome("r1", stores).generation)
                try await stores.tallies.note(AnswerTally(answers: 5_000, [.padded: 4_000]), of: before, instance: "g1")
                let after = try #require(try await outcome("r2", stores).generation)
                try await stores.tallies.note(AnswerTally(answers: 5_000, [.padded: 4_100]), of: after, instance: "g1")
                let nowMs = try #require(try await stores.generations.info(after)?.activatedAtMs)
                #expect(try await watch.look(nowMs: nowMs) == nil)
                // Later the answers are poor, but the watch is over.
                #expect(try await watch.look(nowMs: nowMs + 600_001) == nil)
                #expect(try await stores.generations.rollBack(nowMs: nowMs) == before)
                try await stores.generations.activate(after, kept: 2, nowMs: nowMs)
                try await stores.tallies.note(AnswerTally(answers: 50_000, [.padded: 0]), of: before, instance: "g1")
                try await stores.tallies.note(AnswerTally(answers: 5_000, [.padded: 5_000]), of: after, instance: "g1")
                #expect(try await stores.generations.active() == after)
            }
        }
    }
}
