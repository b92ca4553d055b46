// The name of a file of the event archive says what is in it: which stream, from which entry to which, and how many. So
// a file that is there already is recognised without being read.

import FoundationEssentials
package import Models

/// A stretch of one event stream, and the archive's file for it.
package struct ArchivedFile: Sendable, Hashable {
    /// Which stream, 0 if there is one only.
    package let partition: Int
    /// The first entry.
    package let first: StreamID
    /// The last entry.
    package let last: StreamID
    /// The number of entries.
    package let count: Int

    package init(partition: Int, first: StreamID, last: StreamID, count: Int) {
        self.partition = partition
        self.first = first
        self.last = last
        self.count = count
    }

    /// Whether an id lies between the first and the last.
    package func spans(_ id: StreamID) -> Bool { first <= id && id <= last }

    /// The file's name below the archive: `dt=2026-11-25/00_1795457649810-0_1795458549000-3_812.ndjson.gz`. The day is
    /// the first entry's, in UTC.
    package var name: String {
        Self.folder(of: first) + Self.prefix(partition) + "\(first)_\(last)_\(count)" + Self.suffix
    }

    /// Reads such a name; nil for any other.
    package init?(name: String) {
        guard name.hasSuffix(Self.suffix) else { return nil }
        let base = name.dropLast(Self.suffix.count)
        let parts = (base.split(separator: "/").last ?? "").split(separator: "_")
        guard parts.count == 4, let partition = Int(parts[0]), let first = StreamID(parts[1]),
            let last = StreamID(parts[2]), let count = Int(parts[3])
        else { return nil }
        self.init(partition: partition, first: first, last: last, count: count)
        // Another spelling of the same numbers is not ours.
        guard self.name == name else { return nil }
    }

    /// What starts the names of a stream's files of the day of `id`.
    static func namesStart(partition: Int, dayOf id: StreamID) -> String { folder(of: id) + prefix(partition) }

    /// The day of an id, as days since 1970; ids that are no times of this age count as its last day.
    package static func day(of id: StreamID) -> Int { Int(min(id.milliseconds, msMax) / 86_400_000) }

    private static let suffix = ".ndjson.gz"
    /// 9999-12-31; anybody may choose an entry's id.
    private static let msMax: UInt64 = 253_402_300_799_999

    private static func prefix(_ partition: Int) -> String { (partition < 10 ? "0" : "") + "\(partition)_" }

    private static func folder(of id: StreamID) -> String {
        let day = Date(timeIntervalSince1970: Double(day(of: id)) * 86_400)
        return "dt=\(day.formatted(Date.ISO8601FormatStyle().year().month().day()))/"
    }
}
