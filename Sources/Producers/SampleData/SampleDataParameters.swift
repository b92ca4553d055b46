// What a sample log is made from. The same parameters give the same bytes, on every machine and in every year,
// so nothing here is taken from the clock.

/// Why sample data cannot be made, in words for whoever typed the parameters.
package struct SampleDataError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The parameter at fault, by its name on the command line.
    package let parameter: String
    /// What is wrong and what would be right.
    package let reason: String

    package var description: String { "\(parameter) \(reason)" }
}

/// Size, period and seed of a sample log.
package struct SampleDataParameters: Hashable, Sendable {
    /// The most users, items or events; identifiers and counters are 32 bits wide.
    package static let countMax = 1_000_000_000
    /// The longest period: ten years.
    package static let daysMax = 3_650
    /// Where the period ends unless told otherwise, Unix ms: the start of 2026, UTC. Never the present, so that the
    /// same command writes the same bytes next year.
    package static let defaultEndMs: Int64 = 1_767_225_600_000

    /// Small enough for a first start within seconds.
    package static let standard = SampleDataParameters(
        uncheckedUsers: 2_000, items: 1_000, events: 40_000, days: 60, seed: 1, endMs: defaultEndMs)

    /// Visitors; each has at least one event.
    package let users: Int
    /// Items in the catalogue; the rarest may have no event.
    package let items: Int
    /// Rows of the event log, exactly.
    package let events: Int
    /// Days that the log covers.
    package let days: Int
    /// Another seed gives another log of the same shape.
    package let seed: UInt64
    /// The moment before which the log ends, Unix ms.
    package let endMs: Int64

    /// Checks each parameter; an error names the first one that cannot be.
    package init(
        users: Int, items: Int, events: Int, days: Int, seed: UInt64 = 1, endMs: Int64 = defaultEndMs
    ) throws(SampleDataError) {
        try Self.check("users", users, 1...Self.countMax)
        try Self.check("items", items, 1...Self.countMax)
        try Self.check("events", events, 1...Self.countMax)
        try Self.check("days", days, 1...Self.daysMax)
        guard events >= users else {
            throw SampleDataError(
                parameter: "events",
                reason: "must be at least users (\(users)), since every user has an event; got \(events)")
        }
        let startMsMin: Int64 = 100_000_000_000
        guard endMs - Int64(days) * Self.dayMs >= startMsMin, endMs <= 99_999_999_999_999 else {
            throw SampleDataError(
                parameter: "end",
                reason: "must be a Unix time in milliseconds whose period starts after March 1973; got \(endMs)")
        }
        self.init(uncheckedUsers: users, items: items, events: events, days: days, seed: seed, endMs: endMs)
    }

    private init(uncheckedUsers: Int, items: Int, events: Int, days: Int, seed: UInt64, endMs: Int64) {
        self.users = uncheckedUsers
        self.items = items
        self.events = events
        self.days = days
        self.seed = seed
        self.endMs = endMs
    }

    static let dayMs: Int64 = 86_400_000

    /// The first millisecond of the log.
    package var startMs: Int64 { endMs - Int64(days) * Self.dayMs }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(SampleDataError) {
        guard range.contains(value) else {
            throw SampleDataError(
                parameter: name, reason: "must be between \(range.lowerBound) and \(range.upperBound); got \(value)")
        }
    }
}
