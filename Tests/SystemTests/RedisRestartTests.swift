// Redis dies under load and comes back with its data: the gateway answers all the while, ingest says what it cannot do,
// and everybody is there again without help.

import Fixtures
import Models
import Redis
import Stores
import Synchronization
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Killing Redis` {
        private static let rounds = 3

        @Test func `under load costs freshness for the moment, and nothing else`() async throws {
            var options = SystemOptions()
            options.redis.isPersistent = true
            try await withSystem(options) { system in
                try await ReleaseFixture.tagged("t0").publish(to: system.releases)
                let loader = try await system.start(.loader)
                let features = try await system.start(.features, ["FEATURES_CLAIM_IDLE_MS": "200"])
                let ingest = try await system.start(.ingest)
                let gateway = try await system.start(.gateway, ["ONLINE_DEADLINE_MS": "200"])
                for process in [features, ingest, gateway] { try await process.awaitReady() }

                let load = Load(gateway: gateway.port, ingest: ingest.port)
                try await load.run {
                    for round in 1...Self.rounds {
                        try await load.awaitFresh("round \(round) starts well")
                        await system.redis.kill()
                        try await load.await("popular items while Redis is away") {
                            $0.servedBy["popular", default: 0] > 5
                        }
                        try await load.await("ingest says that it cannot") { $0.refusals > 5 }
                        try await system.restartRedis()
                        try await load.awaitFresh("everything is back in round \(round)")
                    }
                }
                for process in [loader, features, ingest, gateway] {
                    #expect(process.isRunning, "\(process.role)")
                }
                let seen = load.seen
                #expect(seen.faults.isEmpty, "\(seen.faults.count): \(seen.faults.prefix(5))")
                try await system.awaitAllApplied()
                let model = try await OnlineModel(of: system)
                #expect(Set(seen.acknowledged).subtracting(model.ids).isEmpty)
                try await model.check(system)

                // The loader hears of releases again, and all serve it.
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                let result = try await system.command("reload", "--wait", "--timeout-seconds", "30")
                #expect(result.status == .exited(0), "\(result.output)")
                let answer = try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=20").recommendations()
                #expect(answer.tags == ["t1"])
                print("answers \(seen.servedBy), events \(seen.acknowledged.count), refusals \(seen.refusals)")
            }
        }

        @Test func `in the middle of a load does not get the release refused`() async throws {
            var random = SeededRandom.ofThisRun()
            var options = SystemOptions()
            options.redis.isPersistent = true
            try await withSystem(options) { system in
                try await system.start(.loader, ["LOADER_POLL_MS": "100"])
                for number in 1...5 {
                    try await ReleaseFixture.tagged("t\(number)", users: 3000).publish(to: system.releases)
                    let request = try await system.stores.releases.request("r-t\(number)")
                    let target = Int.random(in: 0...3000, using: &random)
                    try await eventually("the load has come to \(target) keys") {
                        guard case .integer(let count) = try await system.stores.client.send(RawCommand("DBSIZE"))
                        else { return false }
                        if count >= target { return true }
                        return try await system.stores.releases.outcome()?.request == request
                    }
                    try await system.restartRedis()
                    try await eventually("the release is loaded all the same", seconds: 40) {
                        try await system.stores.releases.outcome()?.request == request
                    }
                    let outcome = try #require(try await system.stores.releases.outcome())
                    #expect(outcome.state == "loaded", "\(outcome.reason ?? "")")
                }
            }
        }
    }
}

/// Readers and producers that go on whatever happens, and note what they get.
private final class Load: Sendable {
    struct Seen {
        var servedBy: [String: Int] = [:]
        var reads: Int { servedBy.values.reduce(0, +) }
        /// Answers of kind "full" in a row, the latest.
        var fullInARow = 0
        var acknowledged: [StreamID] = []
        var acceptedInARow = 0
        /// 503 of ingest.
        var refusals = 0
        /// What must never come.
        var faults: [String] = []
    }

    private let gateway: Int
    private let ingest: Int
    private let state = Mutex(Seen())
    private let goesOn = Switch()

    init(gateway: Int, ingest: Int) {
        self.gateway = gateway
        self.ingest = ingest
    }

    var seen: Seen { state.withLock { $0 } }

    func run(_ body: () async throws -> Void) async throws {
        await withTaskGroup(of: Void.self) { group in
            for user in 1...4 { group.addTask { await self.read("u\(user)") } }
            for user in 1...2 { group.addTask { await self.write("u\(user)") } }
            do { try await body() } catch { state.withLock { $0.faults.append("\(error)") } }
            goesOn.turnOff()
        }
    }

    func `await`(_ what: String, _ condition: (Seen) -> Bool) async throws {
        try await eventually(what) { condition(seen) }
    }

    /// Waits until reads are full and events are taken again, for a while.
    func awaitFresh(_ what: String) async throws {
        state.withLock { ($0.fullInARow, $0.acceptedInARow) = (0, 0) }
        try await self.await(what) { $0.fullInARow > 40 && $0.acceptedInARow > 20 }
    }

    private func read(_ user: String) async {
        do {
            try await HTTP.withConnection(gateway) { connection in
                while goesOn.isOn {
                    let answer = try await connection.get("/v1/recommendations/\(user)?k=20")
                    let read = try? answer.decode(RecommendationAnswer.self)
                    state.withLock { seen in
                        guard answer.status == 200, let read, read.items.count == 20, read.tags == ["t0"] else {
                            return seen.faults.append("\(answer.status) \(answer.text.prefix(200))")
                        }
                        seen.servedBy[read.served_by, default: 0] += 1
                        seen.fullInARow = read.served_by == "full" ? seen.fullInARow + 1 : 0
                    }
                }
            }
        } catch { state.withLock { $0.faults.append("gateway: \(error)") } }
    }

    private func write(_ user: String) async {
        var number = 0
        do {
            try await HTTP.withConnection(ingest) { connection in
                while goesOn.isOn {
                    number += 1
                    // Every second event is of somebody who comes once: no later event covers up its loss.
                    let name = number.isMultiple(of: 2) ? user : "\(user)-\(number)"
                    let body = #"{"user_id": "\#(name)", "item_id": "i\#(number % 10 + 1)"}"#
                    let answer = try await connection.post("/v1/events", body)
                    state.withLock { note(answer, &$0) }
                    // As fast as possible would only fill Redis.
                    let reads = seen.reads
                    try await eventually("somebody reads in between") { seen.reads > reads || !goesOn.isOn }
                }
            }
        } catch { state.withLock { $0.faults.append("ingest: \(error)") } }
    }

    private func note(_ answer: HTTPAnswer, _ seen: inout Seen) {
        if answer.status == 200, let ids = try? answer.decode(IngestAnswer.self).ids {
            seen.acknowledged += ids.compactMap { $0.flatMap { StreamID($0) } }
            seen.acceptedInARow += 1
        } else if answer.isProblem(503) {
            seen.refusals += 1
            seen.acceptedInARow = 0
        } else {
            seen.faults.append("ingest: \(answer.status) \(answer.text.prefix(200))")
        }
    }
}
