// The id that Redis gives a stream entry: when it arrived, to the millisecond, and a counter within it.

/// A Redis stream entry id, ordered as Redis orders them.
package struct StreamID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Unix time of the entry's arrival in Redis, in milliseconds.
    package let milliseconds: UInt64
    /// Tells entries of one millisecond apart.
    package let sequence: UInt64

    /// The id before every other.
    package static let zero = StreamID(milliseconds: 0, sequence: 0)

    package init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads `1700000000000-0`; the part behind the dash may be missing. Nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let milliseconds = Self.number(first) else { return nil }
        self.milliseconds = milliseconds
        if parts.count == 2 {
            guard let sequence = Self.number(parts[1]) else { return nil }
            self.sequence = sequence
        } else {
            self.sequence = 0
        }
    }

    /// The smallest id behind this one.
    package var next: StreamID {
        sequence < .max
            ? StreamID(milliseconds: milliseconds, sequence: sequence + 1)
            : StreamID(milliseconds: milliseconds &+ 1, sequence: 0)
    }

    package var description: String { "\(milliseconds)-\(sequence)" }

    package static func < (left: StreamID, right: StreamID) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }

    /// Digits only: `UInt64.init` would let a sign pass.
    private static func number(_ text: some StringProtocol) -> UInt64? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(text)
    }
}
