// The spool: what waits is whole, bounded, and in order of time.

import Fixtures
import ObjectStore
import Settings
import Stores
import Testing

@testable import Tracking

@Suite(.timeLimit(.minutes(1))) struct SpoolTests {
    private func keep(_ spool: TrackingSpool, _ run: String, atMs: Int64, bytes: Int = 10) async throws {
        try await spool.keep(
            [1], of: run, atMs: atMs, files: [("f", .bytes([UInt8](repeating: 7, count: bytes - 1)))])
    }

    private func runs(_ spool: TrackingSpool) async throws -> [String] {
        try await spool.entries().map { String($0.name.suffix(2)) }
    }

    @Test func `the oldest give way, refused ones before them`() async throws {
        try await withDirectory { objects, _ in
            let spool = TrackingSpool(objects: objects)
            for number in 1...6 { try await keep(spool, "t\(number)", atMs: 1_780_000_000_000 + Int64(number)) }
            try await spool.refuse(try await spool.entries()[4], reason: "no")
            let few = TrackingSpool.Limits(recordsMax: 4, bytesMax: 1000)
            #expect(try await spool.makeRoom(few, nowMs: 0).map(\.name.last) == ["5", "1"])
            #expect(try await runs(spool) == ["t2", "t3", "t4", "t6"])
            let small = TrackingSpool.Limits(recordsMax: 100, bytesMax: 25)
            #expect(try await spool.makeRoom(small, nowMs: 0).count == 2)
            #expect(try await runs(spool) == ["t4", "t6"])
            #expect(try await spool.makeRoom(small, nowMs: 0).isEmpty)
            #expect(try await objects.listWhole(prefix: "mlflow/", countMax: 100).count == 4)
        }
    }

    @Test func `a folder without a record is not there, and is swept after a day`() async throws {
        try await withDirectory { objects, _ in
            let spool = TrackingSpool(objects: objects)
            let info = try await objects.put("mlflow/00000000000001-dead/f", bytes: [1])
            let limits = TrackingSpool.Limits(recordsMax: 4, bytesMax: 1000)
            #expect(try await spool.entries().isEmpty)
            _ = try await spool.makeRoom(limits, nowMs: info.modifiedAtMs + 1000)
            #expect(try await objects.exists(info.key))
            _ = try await spool.makeRoom(limits, nowMs: info.modifiedAtMs + 25 * 3_600_000)
            #expect(try await objects.exists(info.key) == false)
        }
    }

    @Test func `names of runs that people made up are no trouble, and what cannot be read is refused`() async throws {
        try await withTracker {
            .usual($0)
        } _: { bed, _ in
            try await bed.keep("a/../b'c", atMs: -5)
            #expect(try await bed.tracker.status().waiting.map(\.name) == ["00000000000000-a----b-c"])
            try await bed.objects.put("mlflow/00000000000001-x/record.json", bytes: Array("{".utf8))
            let turn = try #require(try await bed.tracker.send(bed.lease, nowMs: 1))
            #expect(turn.sent == ["a/../b'c"] && turn.refused.count == 1)
            #expect(turn.refused.first?.reason.contains("not of the expected form") == true)
        }
    }
}
