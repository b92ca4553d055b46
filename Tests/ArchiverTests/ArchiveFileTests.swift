// What a file is called, and when it is closed: rules without any I/O.

import Models
import NIOCore
import Stores
import Testing

@testable import Archiver

@Suite struct ArchiveFileTests {
    private func id(_ milliseconds: UInt64, _ sequence: UInt64 = 0) -> StreamID {
        StreamID(milliseconds: milliseconds, sequence: sequence)
    }

    @Test func `a name says what is in the file, and is read back`() throws {
        let file = ArchivedFile(partition: 3, first: id(1_795_457_649_810), last: id(1_795_458_549_000, 3), count: 812)
        #expect(file.name == "dt=2026-11-23/03_1795457649810-0_1795458549000-3_812.ndjson.gz")
        #expect(ArchivedFile(name: file.name) == file)
        #expect(file.spans(file.first) && file.spans(file.last) && !file.spans(id(1_795_458_549_000, 4)))
        for other in [
            "readme.txt", "dt=2026-11-24/03_1795457649810-0_1795458549000-3_812.ndjson.gz",
            "dt=2026-11-23/3_1795457649810-0_1795458549000-3_812.ndjson.gz",
            "dt=2026-11-23/03_1795457649810_1795458549000-3_812.ndjson.gz",
            "03_1795457649810-0_1795458549000-3_812.ndjson.gz",
        ] { #expect(ArchivedFile(name: other) == nil, "\(other)") }
    }

    @Test(arguments: [(UInt64(5), "dt=1970-01-01"), (1_798_761_599_999, "dt=2026-12-31"), (.max, "dt=9999-12-31")])
    func `any id has a day, whoever chose it`(milliseconds: UInt64, folder: String) {
        let file = ArchivedFile(partition: 0, first: id(milliseconds), last: id(milliseconds), count: 1)
        #expect(file.name.hasPrefix("\(folder)/00_\(milliseconds)-0_"))
        #expect(ArchivedFile(name: file.name) == file)
    }

    private func open(bytes: Int = 1_000_000, ageMs: Int64 = 60_000) -> OpenFile {
        OpenFile(partition: 0, behind: .zero, limits: OpenFile.Limits(textBytesMax: bytes, ageMsMax: ageMs))
    }

    private func entry(_ id: StreamID) -> RawEntry {
        RawEntry(id: id, fields: [(name: ByteBuffer(string: "user_id"), value: ByteBuffer(string: "u"))])
    }

    @Test func `a file is closed by its size`() {
        var file = open(bytes: 100)
        let day: UInt64 = 1_700_000_000_000
        for sequence in 0..<10 where file.takes(entry(id(day, UInt64(sequence)))) {
            file.append(entry(id(day, UInt64(sequence))))
        }
        // A line has 41 bytes.
        #expect(file.count == 3)
        #expect(file.isDue(nowMs: 1_700_000_000_000))
        #expect(file.file == ArchivedFile(partition: 0, first: id(day), last: id(day, 2), count: 3))
    }

    @Test func `a file is closed by its age, and with its day`() {
        var file = open()
        #expect(!file.isDue(nowMs: 1_700_000_000_000))
        // A second before midnight.
        let lateMs: UInt64 = 1_700_006_399_000
        file.append(entry(id(lateMs)))
        #expect(!file.isDue(nowMs: Int64(lateMs) + 999))
        #expect(file.isDue(nowMs: Int64(lateMs) + 1000))
        #expect(file.takes(entry(id(lateMs + 999))))
        #expect(!file.takes(entry(id(lateMs + 1000))))
        var early = open()
        early.append(entry(id(lateMs + 1000)))
        #expect(!early.isDue(nowMs: Int64(lateMs) + 1000 + 59_999))
        #expect(early.isDue(nowMs: Int64(lateMs) + 1000 + 60_000))
    }

    @Test func `a file that the archive has already ends where that one ends`() {
        var file = open()
        file.knownEnd = id(1_700_000_000_005)
        file.append(entry(id(1_700_000_000_000)))
        #expect(file.takes(entry(id(1_700_000_000_005))))
        #expect(!file.takes(entry(id(1_700_000_000_005, 1))))
        #expect(file.isDue(nowMs: 1_700_000_000_001))
    }

    @Test func `the same lines make the same bytes, however they came`() {
        var whole = open()
        var bytes: [UInt8] = []
        for number in 0..<5000 { ArchivedLine.append(entry(id(1_700_000_000_000, UInt64(number))), to: &bytes) }
        let text = ArchiveText()
        text.append(bytes)
        for number in 0..<5000 { whole.append(entry(id(1_700_000_000_000, UInt64(number)))) }
        #expect(whole.finish() == text.finish())
    }
}
