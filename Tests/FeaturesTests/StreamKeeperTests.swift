// Trimming takes what every group is done with and what is past the retention, and nothing else.

import Models
import Redis
import Stores
import Telemetry
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct StreamKeeperTests {
    /// More than one node of a stream holds, since trimming removes whole nodes.
    private static let entryCount = 1000

    private func fill(_ bed: TestBed, firstMs: Int64) async throws {
        try await bed.stores.events.createGroup(.features)
        for place in 0..<Self.entryCount { try await bed.add("42", "a", id: "\(firstMs + Int64(place))-0") }
    }

    private func read(_ bed: TestBed, _ group: ConsumerGroup, count: Int) async throws -> [EventEntry] {
        try await bed.stores.events.withReader(group: group, consumer: "test") { reader in
            try await reader.read(countMax: count, blockMs: 10)
        }
    }

    private func length(_ bed: TestBed) async throws -> Int { try await bed.client.send(XLEN("events")) }

    @Test func `what is not acknowledged stays, however old`() async throws {
        try await withTestBed { bed in
            let keeper = StreamKeeper(
                events: bed.stores.events, retentionMs: 0, awaited: [], logger: TestBed.quietLogger)
            try await fill(bed, firstMs: 1_600_000_000_000)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            #expect(try await length(bed) == Self.entryCount)
            let entries = try await read(bed, .features, count: Self.entryCount)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            #expect(try await length(bed) == Self.entryCount)
            // All but one in the middle.
            try await bed.stores.events.acknowledge(
                entries.enumerated().filter { $0.offset != 500 }.map(\.element), group: .features)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            let left = try await bed.client.send(XRANGE("events", count: 1000))
            #expect(left.contains { $0.id == entries[500].id.description })
            #expect((500...600).contains(left.count))
            try await bed.stores.events.acknowledge([entries[500]], group: .features)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            #expect(try await length(bed) <= 100)
        }
    }

    @Test func `another group that is behind holds entries back`() async throws {
        try await withTestBed { bed in
            try await bed.stores.events.createGroup(.archive)
            try await fill(bed, firstMs: 1_600_000_000_000)
            let keeper = StreamKeeper(
                events: bed.stores.events, retentionMs: 0, awaited: [], logger: TestBed.quietLogger)
            try await bed.stores.events.acknowledge(
                try await read(bed, .features, count: Self.entryCount), group: .features)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            #expect(try await length(bed) == Self.entryCount)
            try await bed.stores.events.acknowledge(try await read(bed, .archive, count: 500), group: .archive)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            #expect((500...600).contains(try await length(bed)))
        }
    }

    @Test func `a group that has not come yet holds entries back, from the first on`() async throws {
        try await withTestBed { bed in
            try await fill(bed, firstMs: 1_600_000_000_000)
            try await bed.stores.events.acknowledge(
                try await read(bed, .features, count: Self.entryCount), group: .features)
            let keeper = StreamKeeper(
                events: bed.stores.events, retentionMs: 0, awaited: [.archive], logger: TestBed.quietLogger)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            #expect(try await length(bed) == Self.entryCount)
            #expect(try await read(bed, .archive, count: 1).first?.id.description == "1600000000000-0")
        }
    }

    @Test func `the retention is kept although all is acknowledged`() async throws {
        try await withTestBed { bed in
            let firstMs = UTCTime.nowMs() - 10_000
            try await fill(bed, firstMs: firstMs)
            try await bed.stores.events.acknowledge(
                try await read(bed, .features, count: Self.entryCount), group: .features)
            let keeper = StreamKeeper(
                events: bed.stores.events, retentionMs: 60_000, awaited: [], logger: TestBed.quietLogger)
            try await keeper.tidy(nowMs: UTCTime.nowMs())
            #expect(try await length(bed) == Self.entryCount)
            try await keeper.tidy(nowMs: firstMs + 60_000 + 700)
            #expect((300...400).contains(try await length(bed)))
        }
    }
}
