// Entries of consumers that died, entries that consumers die of, and several consumers at once.

import Fixtures
import Models
import NIOCore
import Redis
import Stores
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct ClaimingTests {
    /// Hands entries to a consumer that will never be heard of again.
    private func deliver(_ bed: TestBed, to consumer: String) async throws -> [EventEntry] {
        try await bed.stores.events.createGroup(.features)
        return try await bed.stores.events.withReader(group: .features, consumer: consumer) { reader in
            try await reader.read(countMax: 1000, blockMs: 10)
        }
    }

    /// Ids of one's own must lie behind those that Redis has given: these lie in 2100.
    private static let futureMs = 4_102_444_800_000

    @Test func `what a dead consumer left is taken over`() async throws {
        try await withTestBed { bed in
            for place in 0..<300 { try await bed.add("user\(place)", "a") }
            #expect(try await deliver(bed, to: "dead").count == 300)
            let features = bed.features(settings: .forTests(batchCountMax: 64))
            try await running(features) {
                try await bed.add("new", "a")
                try await eventually("all applied") {
                    for place in 0..<300 where try await bed.online("user\(place)").isEmpty { return false }
                    return try await bed.pendingCount() == 0
                }
                let counts = features.statistics.snapshot
                #expect([counts.claimed, counts.consumed, counts.applied] == [300, 1, 301])
            }
        }
    }

    @Test func `an entry that nobody survives is put aside`() async throws {
        try await withTestBed { bed in
            let id = try await bed.add("42", "a")
            _ = try await deliver(bed, to: "dead1")
            for death in 2...5 {
                _ = try await bed.stores.events.claim(
                    group: .features, consumer: "dead\(death)", idleMs: 0, countMax: 10)
            }
            let features = bed.features(settings: .forTests(claimIdleMs: 100, deliveriesMax: 5))
            try await running(features) {
                try await eventually("put aside") { features.statistics.snapshot.quarantined == 1 }
                let aside = try #require(try await bed.stores.events.quarantined(countMax: 10).first)
                #expect(aside.value("_id") == id.description)
                #expect(aside.value("_reason") == "delivered 6 times without being applied")
                #expect(aside.value("user_id") == "42")
                #expect(try await bed.online("42").isEmpty)
                #expect(try await bed.pendingCount() == 0)
            }
        }
    }

    @Test func `one delivery fewer, and the entry is applied`() async throws {
        try await withTestBed { bed in
            try await bed.add("42", "a")
            _ = try await deliver(bed, to: "dead1")
            for death in 2...4 {
                _ = try await bed.stores.events.claim(
                    group: .features, consumer: "dead\(death)", idleMs: 0, countMax: 10)
            }
            try await running(bed.features(settings: .forTests(claimIdleMs: 100, deliveriesMax: 5))) {
                try await eventually("applied") { try await bed.online("42").count == 1 }
            }
            #expect(try await bed.stores.events.quarantined(countMax: 10).isEmpty)
        }
    }

    @Test func `consumers share the work and no event is lost or has effect twice`() async throws {
        try await withTestBed { bed in
            let first = bed.features("features@test:1", settings: .forTests(batchCountMax: 16))
            let second = bed.features("features@test:2", settings: .forTests(batchCountMax: 16))
            try await running(first) {
                try await running(second) {
                    try await eventually("both take part") {
                        try await bed.add("warm-up", "a")
                        return [first, second].allSatisfy { $0.statistics.snapshot.consumed > 0 }
                    }
                    let warmUpCount = try await bed.client.send(XLEN("events"))
                    for place in 0..<2000 {
                        try await bed.add("user\(place % 50)", "item\(place)", id: "\(Self.futureMs + place)-0")
                    }
                    try await eventually("all acknowledged") {
                        let group = try #require(try await bed.stores.events.progress().first)
                        return group.lag == 0 && group.pending == 0
                    }
                    let consumed = [first, second].reduce(0) { $0 + $1.statistics.snapshot.consumed }
                    #expect(consumed == warmUpCount + 2000)
                }
            }
            for user in 0..<50 {
                let expected = (30..<40).map { round in
                    let place = round * 50 + user
                    return ("item\(place)", "\(Self.futureMs + place) \(Self.futureMs + place)-0 view 0 ")
                }
                #expect(try await bed.online("user\(user)") == Dictionary(uniqueKeysWithValues: expected))
            }
        }
    }
}
