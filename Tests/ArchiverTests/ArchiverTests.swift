// The archiver over a real Redis: every entry once, whatever it was interrupted in and by whom.

import Fixtures
import Models
import ObjectStore
import Redis
import Stores
import TestServers
import Testing

@testable import Archiver

@Suite(.serialized, .timeLimit(.minutes(2))) struct ArchiverTests {
    @Test func `every entry is archived once, rubbish too, and the stream may let go of it`() async throws {
        try await withArchiveBed { bed in
            try await archiving(bed.archiver(fileBytesMax: 65_536)) {
                try await bed.add(3000, [("shop", "north")])
                _ = try await bed.stores.client.send(XADD("events", fields: [(field: "foo", value: .bytes([0xFF]))]))
                try await bed.add(10)
                try await bed.awaitArchived()
            }
            #expect(try await bed.archivedIDs() == bed.ids())
            let lines = try await bed.lines()
            #expect(lines.count >= 3, "65,536 bytes hold some 800 lines")
            #expect(lines.allSatisfy { ArchivedFile(name: $0.file)?.count == $0.lines.count })
            #expect(lines.reduce(0) { $0 + $1.lines.count { $0.contains("base64") } } == 1)
            #expect(try await bed.stores.client.send(GET("archive:plan:0")) == nil)
            #expect(try await bed.stores.client.send(GET("archive:lease:0")) == nil)
            let progress = try await bed.stores.events.progress()
            #expect(progress.map(\.pending) == [0])
            #expect(progress.first?.lastDelivered.description == (try await bed.ids().last))
        }
    }

    @Test func `a file in hand is written at a graceful shutdown, and its entries come in no other`() async throws {
        try await withArchiveBed { bed in
            for round in 1...3 {
                try await archiving(bed.archiver(fileAgeMsMax: 3_600_000)) {
                    try await bed.add(20)
                    // The archiver must have seen them, else they are left to the next round.
                    try await eventually("the lease is taken") {
                        try await bed.stores.client.send(GET("archive:lease:0")) != nil
                    }
                }
                #expect(try await bed.files.files().count <= round)
            }
            try await archiving(bed.archiver()) { try await bed.awaitArchived() }
            #expect(try await bed.archivedIDs() == bed.ids())
        }
    }

    @Test func `a planned file is completed as it was planned, although more has come`() async throws {
        try await withArchiveBed { bed in
            let ids = try await bed.add(700).compactMap { StreamID($0) }
            let position = try await bed.stores.archive.position(0)
            let planned = ArchivedFile(partition: 0, first: ids[0], last: ids[599], count: 600)
            #expect(try await bed.stores.archive.plan(planned, behind: position) == planned)
            // Who comes later is told the same.
            let other = ArchivedFile(partition: 0, first: ids[0], last: ids[699], count: 700)
            #expect(try await bed.stores.archive.plan(other, behind: position) == planned)
            try await archiving(bed.archiver()) { try await bed.awaitArchived() }
            #expect(try await bed.files.files().map(\.name).first == planned.name)
            #expect(try await bed.archivedIDs() == ids.map(\.description))
        }
    }

    @Test func `a plan of somebody who was left behind is refused`() async throws {
        try await withArchiveBed { bed in
            let ids = try await bed.add(3).compactMap { StreamID($0) }
            let position = try await bed.stores.archive.position(0)
            try await archiving(bed.archiver()) { try await bed.awaitArchived() }
            let late = ArchivedFile(partition: 0, first: ids[0], last: ids[1], count: 2)
            #expect(try await bed.stores.archive.plan(late, behind: position) == nil)
            #expect(try await !bed.stores.archive.commit(late))
        }
    }

    @Test func `a file that was written before a crash is recognised, and nothing is written twice`() async throws {
        try await withArchiveBed { bed in
            try await bed.add(600)
            try await archiving(bed.archiver()) { try await bed.awaitArchived() }
            let written = try await bed.objects.listWhole(prefix: "events/", countMax: 10)
            try #require(written.count == 1)
            try await bed.add(50)
            // As if the commit had never come, and as if Redis had lost the plan as well.
            for isPlanned in [true, false] {
                try await bed.movePosition(to: "0")
                if isPlanned, let file = ArchivedFile(name: String(written[0].key.dropFirst("events/".count))) {
                    #expect(try await bed.stores.archive.plan(file, behind: .zero) == file)
                }
                try await archiving(bed.archiver()) { try await bed.awaitArchived() }
                #expect(try await bed.archivedIDs() == bed.ids())
            }
            let now = try await bed.objects.listWhole(prefix: "events/", countMax: 10)
            #expect(now.count == 2)
            #expect(now.first == written.first, "it was not touched")
        }
    }

    @Test func `a plan whose entries are gone is given up, and the rest is archived`() async throws {
        try await withArchiveBed { bed in
            let ids = try await bed.add(10)
            let (first, last) = (try #require(StreamID(ids[0])), try #require(StreamID(ids[4])))
            let position = try await bed.stores.archive.position(0)
            let planned = ArchivedFile(partition: 0, first: first, last: last, count: 5)
            _ = try await bed.stores.archive.plan(planned, behind: position)
            _ = try await bed.stores.client.send(XDEL("events", [ids[2]]))
            try await archiving(bed.archiver()) { try await bed.awaitArchived() }
            #expect(try await bed.archivedIDs() == bed.ids())
        }
    }

    @Test func `two archivers on one stream write every entry once`() async throws {
        try await withArchiveBed { bed in
            let archivers = (1...2).map { bed.archiver("archive@test:\($0)", fileBytesMax: 65_536) }
            try await archiving(archivers[0], archivers[1]) {
                for _ in 1...30 { try await bed.add(100) }
                try await bed.awaitArchived()
            }
            #expect(try await bed.archivedIDs() == bed.ids())
        }
    }

    @Test func `two that both believe to have the lease write every entry once`() async throws {
        try await withArchiveBed { bed in
            // The same token: each takes the other's lease for its own.
            let archivers = (1...2).map { _ in bed.archiver("archive@test:1", fileBytesMax: 65_536) }
            try await archiving(archivers[0], archivers[1]) {
                for _ in 1...30 { try await bed.add(100) }
                try await bed.awaitArchived()
            }
            let archived = try await bed.archivedIDs()
            #expect(archived == (try await bed.ids()))
        }
    }

    @Test func `several streams have files of their own`() async throws {
        try await withArchiveBed(partitions: 3) { bed in
            try await archiving(bed.archiver()) {
                for partition in 0..<3 { try await bed.add(40, to: "events:\(partition)") }
                try await bed.awaitArchived()
            }
            for partition in 0..<3 {
                let lines = try await bed.lines().filter { ArchivedFile(name: $0.file)?.partition == partition }
                #expect(lines.reduce(0) { $0 + $1.lines.count } == 40)
            }
        }
    }
}
