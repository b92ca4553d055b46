// Redis goes away, the consumer goes away: every acknowledged event ends in the online state.

import Fixtures
import Models
import NIOCore
import Redis
import Stores
import Synchronization
import TestServers
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct RecoveryTests {
    /// Produces events for some users until told to stop, and remembers what Redis acknowledged.
    private final class Producer: Sendable {
        private let acknowledgedIDs = Mutex<[String: [StreamID]]>([:])
        private let isStopped = Atomic(false)

        /// Each user touches an item of a new name with every event, so that nothing hides a lost one among the newest
        /// ten.
        func run(_ bed: TestBed) async throws {
            var place = 0
            while !isStopped.load(ordering: .relaxed) {
                let entries = try (place..<(place + 20)).map { place in
                    let user = try #require(UserID("user\(place % 20)"))
                    return (
                        user: user,
                        fields: [(name: "user_id", value: user.text), (name: "item_id", value: "i\(place)")]
                    )
                }
                place += 20
                for (entry, result) in zip(entries, await bed.stores.events.append(entries)) {
                    guard let id = try? result.get() else { continue }
                    acknowledgedIDs.withLock { $0[entry.user.text, default: []].append(id) }
                }
                // Without a pause, a run would produce more than it can check.
                try await ContinuousClock().sleep(for: .milliseconds(5))
            }
        }

        var count: Int { acknowledgedIDs.withLock { $0.values.reduce(0) { $0 + $1.count } } }

        func stop() { isStopped.store(true, ordering: .relaxed) }

        /// The newest ten acknowledged events of every user are in the state. Events that were added but not
        /// acknowledged may stand among them, so what is there is compared with the oldest one kept.
        func isInState(_ bed: TestBed) async throws -> Bool {
            for (user, ids) in acknowledgedIDs.withLock({ $0 }) {
                let held = try await bed.online(user).values.compactMap { value in
                    value.split(separator: " ").dropFirst().first.flatMap { StreamID($0) }
                }
                guard let oldest = held.min(), held.count == min(10, max(held.count, ids.count)) else { return false }
                guard ids.filter({ $0 >= oldest }).allSatisfy(held.contains), let last = ids.last, last >= oldest else {
                    return false
                }
            }
            return true
        }
    }

    /// Nothing is unread, nothing unacknowledged.
    private func isQuiet(_ bed: TestBed) async throws -> Bool {
        try await bed.stores.events.progress().allSatisfy { $0.pending == 0 && $0.lag == 0 }
    }

    @Test func `Redis killed and restarted in mid-stream loses no acknowledged event`() async throws {
        try await withTestBed(isPersistent: true) { bed in
            try await bed.activate(["i1": "i2:1"])
            let features = bed.features()
            let producer = Producer()
            try await running(features) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await producer.run(bed) }
                    for round in 1...3 {
                        let before = producer.count
                        try await eventually("round \(round) produces") { producer.count > before + 200 }
                        await bed.server.kill()
                        try await bed.server.restart()
                    }
                    let before = producer.count
                    try await eventually("the last round produces") { producer.count > before + 200 }
                    producer.stop()
                    try await group.waitForAll()
                }
                try await eventually("all in the state") {
                    guard (try? await isQuiet(bed)) == true else { return false }
                    return (try? await producer.isInState(bed)) == true
                }
            }
        }
    }

    @Test func `a Redis that comes back empty is used from its beginning`() async throws {
        try await withTestBed { bed in
            try await running(bed.features()) {
                try await bed.add("42", "a")
                try await eventually("applied") { try await bed.online("42").count == 1 }
                try await bed.server.restart()
                try await eventually("added") { (try? await bed.add("43", "a")) != nil }
                try await eventually("applied again") { try await bed.online("43").count == 1 }
                #expect(try await bed.online("42").isEmpty)
            }
        }
    }

    @Test func `a stream that is deleted under a waiting consumer is read again`() async throws {
        try await withTestBed { bed in
            try await running(bed.features()) {
                try await bed.add("42", "a")
                try await eventually("applied") { try await bed.online("42").count == 1 }
                _ = try await bed.client.send(DEL(["events"]))
                try await bed.add("43", "a")
                try await eventually("applied again") { try await bed.online("43").count == 1 }
            }
        }
    }

    @Test func `while Redis refuses all writes no entry is given up`() async throws {
        try await withTestBed { bed in
            try await bed.client.loadFunctions()
            try await bed.stores.events.createGroup(.features)
            for user in 0..<20 { try await bed.add("user\(user)", "a") }
            let entries = try await bed.stores.events.withReader(group: .features, consumer: "c") { reader in
                try await reader.read(countMax: 100, blockMs: 10)
            }
            let features = bed.features()
            _ = try await bed.client.send(RawCommand("CONFIG", ["SET", "min-replicas-to-write", "1"]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await features.applier.settle(entries) }
                try await eventually("refused far more often than an entry's own fault would be") {
                    let errors = try await bed.client.send(INFO("errorstats"))["errorstat_NOREPLICAS"] ?? ""
                    let count = errors.split(separator: "=").last.flatMap { Int($0) } ?? 0
                    return count > (EventApplier.attemptCountMax + 2) * entries.count
                }
                _ = try await bed.client.send(RawCommand("CONFIG", ["SET", "min-replicas-to-write", "0"]))
                try await group.waitForAll()
            }
            for user in 0..<20 { #expect(try await bed.online("user\(user)").count == 1) }
            #expect(try await bed.stores.events.quarantined(countMax: 10).isEmpty)
            #expect(try await bed.pendingCount() == 0)
        }
    }

    @Test func `graceful shutdown under load loses nothing`() async throws {
        try await withTestBed { bed in
            let producer = Producer()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await producer.run(bed) }
                for round in 1...5 {
                    let features = bed.features("features@test:\(round)", settings: .forTests(batchCountMax: 7))
                    try await running(features) {
                        try await eventually("round \(round) applies") { features.statistics.snapshot.applied > 100 }
                    }
                    let counts = features.statistics.snapshot
                    #expect(counts.consumed + counts.claimed == counts.applied + counts.older)
                    let alive = try await bed.stores.instances.alive(nowMs: 0)
                    #expect(!alive.contains("features@test:\(round)"))
                }
                producer.stop()
                try await group.waitForAll()
            }
            try await running(bed.features()) {
                try await eventually("all in the state") {
                    guard (try? await isQuiet(bed)) == true else { return false }
                    return (try? await producer.isInState(bed)) == true
                }
            }
        }
    }

    @Test func `starting and stopping in a row ends every time`() async throws {
        try await withTestBed { bed in
            for _ in 0..<10 { try await running(bed.features()) {} }
        }
    }

    @Test func `a shutdown while Redis is away ends`() async throws {
        try await withTestBed(deadlineMs: 1000) { bed in
            let features = bed.features()
            try await running(features) {
                try await bed.add("42", "a")
                try await eventually("applied") { features.statistics.snapshot.applied == 1 }
                await bed.server.kill()
            }
        }
    }
}
