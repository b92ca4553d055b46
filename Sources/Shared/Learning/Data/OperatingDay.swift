// Which day an event counts to. A shop's night visitors belong to the evening before, so its day need not begin at
// midnight; nothing but the count of days depends on this.

/// Days that begin so many hours after midnight UTC.
package struct OperatingDay: Hashable, Sendable {
    private static let dayMs: Int64 = 86_400_000

    /// When a day begins, in milliseconds after midnight UTC.
    package let startMs: Int64

    /// Nil unless `startHours` lies between -24 and 24. At 3, what happens at 02:00 UTC counts to the day before.
    package init?(startHours: Double) {
        guard startHours > -24, startHours < 24 else { return nil }
        startMs = Int64((startHours * 3_600_000).rounded())
    }

    /// The number of the day that a time, Unix ms, counts to; 0 is the day that began on 1 January 1970.
    package func day(ofMs timestampMs: Int64) -> Int {
        let sinceMs = timestampMs - startMs
        return Int(sinceMs >= 0 ? sinceMs / Self.dayMs : (sinceMs + 1) / Self.dayMs - 1)
    }

    /// When a day begins, Unix ms.
    package func startMs(ofDay day: Int) -> Int64 { Int64(day) * Self.dayMs + startMs }
}
