// A file of the archive while it grows in memory: what goes into it, and when it is closed. It does no I/O, so the
// rules can be tested without any.

import Models
import Settings
import Stores

/// Entries of one stream behind one position.
struct OpenFile {
    /// When a file is closed.
    struct Limits {
        /// Bytes of text, uncompressed; the entry that passes the limit is the last.
        let textBytesMax: Int
        /// How old its first entry may become, in milliseconds by the entry's id.
        let ageMsMax: Int64
    }

    let partition: Int
    /// The file holds what follows behind this id.
    let position: StreamID
    private let limits: Limits
    private let text = ArchiveText()
    private(set) var first: StreamID?
    private(set) var last: StreamID?
    private(set) var count = 0
    /// Where a file ends that the archive has already for the first entry; Redis may have forgotten that it is there.
    var knownEnd: StreamID?

    init(partition: Int, behind position: StreamID, limits: Limits) {
        self.partition = partition
        self.position = position
        self.limits = limits
    }

    /// Behind which entry to read on.
    var readPosition: StreamID { last ?? position }

    /// What the file is called if it is closed now; nil while it is empty.
    var file: ArchivedFile? {
        guard let first, let last else { return nil }
        return ArchivedFile(partition: partition, first: first, last: last, count: count)
    }

    /// Whether an entry belongs into this file. A file holds entries of one day, which is in its name.
    func takes(_ entry: RawEntry) -> Bool {
        guard let first else { return true }
        if let knownEnd, entry.id > knownEnd { return false }
        return text.textBytes < limits.textBytesMax && ArchivedFile.day(of: first) == ArchivedFile.day(of: entry.id)
    }

    mutating func append(_ entry: RawEntry) {
        var line: [UInt8] = []
        ArchivedLine.append(entry, to: &line)
        text.append(line)
        first = first ?? entry.id
        last = entry.id
        count += 1
    }

    /// Whether it is to be closed although nothing more came.
    func isDue(nowMs: Int64) -> Bool {
        guard let first else { return false }
        if knownEnd != nil || text.textBytes >= limits.textBytesMax { return true }
        let firstMs = Int64(clamping: first.milliseconds)
        // Also when its day is over, whatever comes next.
        let today = ArchivedFile.day(of: StreamID(milliseconds: UInt64(max(0, nowMs)), sequence: 0))
        return nowMs - firstMs >= limits.ageMsMax || ArchivedFile.day(of: first) < today
    }

    /// The file's bytes; the file takes nothing after that.
    func finish() -> [UInt8] { text.finish() }
}
