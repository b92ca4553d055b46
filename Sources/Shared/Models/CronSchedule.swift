// When something is due, in the five fields of cron (minute, hour, day of month, month, day of week), in UTC. A value
// without a clock: it answers which times there are before and after a given one.

/// A schedule such as `@weekly` or `30 3 * * mon-fri`.
package struct CronSchedule: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no schedule, and what would be.
    package struct Fault: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Days that are looked through before a schedule counts as never due: from one February 29 to the next across a
    /// century without one.
    private static let daysMax: Int64 = 8 * 366
    private static let msOfDay: Int64 = 86_400_000

    private static let names = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    private static let months = "jan feb mar apr may jun jul aug sep oct nov dec".split(separator: " ")
    private static let weekdays = "sun mon tue wed thu fri sat".split(separator: " ")

    /// The text that it was read from.
    package let description: String
    /// Each a set of numbers, a bit each.
    private let minutes: UInt64
    private let hours: UInt64
    private let daysOfMonth: UInt64
    private let monthsOfYear: UInt64
    private let daysOfWeek: UInt64
    /// As in every cron: if both kinds of days are restricted, either is enough.
    private let isEitherDayEnough: Bool

    /// Reads `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, or five fields with `*`, numbers, ranges, lists, steps,
    /// and the first three letters of months and days.
    package init(_ text: String) throws(Fault) {
        description = text
        let fields = (Self.names[text.lowercased()] ?? text).lowercased().split(separator: " ")
        guard fields.count == 5 else {
            throw Fault(
                description: "has \(fields.count) fields; a schedule has five, or reads @hourly, @daily, @weekly")
        }
        minutes = try Self.read(fields[0], in: 0...59, "minute")
        hours = try Self.read(fields[1], in: 0...23, "hour")
        daysOfMonth = try Self.read(fields[2], in: 1...31, "day of month")
        monthsOfYear = try Self.read(fields[3], in: 1...12, "month", names: Self.months, firstName: 1)
        let weekdays = try Self.read(fields[4], in: 0...7, "day of week", names: Self.weekdays, firstName: 0)
        // Both 0 and 7 are Sunday.
        daysOfWeek = (weekdays | weekdays >> 7) & 0x7F
        isEitherDayEnough = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        guard next(afterMs: 0) != nil else { throw Fault(description: "names a day that never comes") }
    }

    /// The latest time that is due at or before `ms`, Unix ms; nil if there is none in the eight years before.
    package func latest(atOrBeforeMs ms: Int64) -> Int64? {
        let today = ms / Self.msOfDay
        for day in stride(from: today, through: max(0, today - Self.daysMax), by: -1) where isDue(day: day) {
            let last = day == today ? ms % Self.msOfDay / 60_000 : 1439
            for minute in stride(from: last, through: 0, by: -1) where isDue(minuteOfDay: minute) {
                return day * Self.msOfDay + minute * 60_000
            }
        }
        return nil
    }

    /// The first time that is due later than `ms`, Unix ms; nil if there is none in the next eight years.
    package func next(afterMs ms: Int64) -> Int64? {
        let start = ms / 60_000 + 1
        let today = start / 1440
        for day in today...(today + Self.daysMax) where isDue(day: day) {
            for minute in (day == today ? start % 1440 : 0)..<1440 where isDue(minuteOfDay: minute) {
                return day * Self.msOfDay + minute * 60_000
            }
        }
        return nil
    }

    private func isDue(minuteOfDay: Int64) -> Bool {
        Self.has(hours, minuteOfDay / 60) && Self.has(minutes, minuteOfDay % 60)
    }

    private func isDue(day: Int64) -> Bool {
        let date = Self.date(day: day)
        // 1970-01-01 was a Thursday.
        let (isDay, isWeekday) = (Self.has(daysOfMonth, date.day), Self.has(daysOfWeek, (day + 4) % 7))
        return Self.has(monthsOfYear, date.month)
            && (isEitherDayEnough ? isDay || isWeekday : isDay && isWeekday)
    }

    private static func has(_ set: UInt64, _ number: Int64) -> Bool { set >> UInt64(number) & 1 == 1 }

    /// Month and day of a day since 1970, by the years from March on, so that a leap day is the last of a year (Howard
    /// Hinnant, chrono-compatible low-level date algorithms).
    private static func date(day: Int64) -> (month: Int64, day: Int64) {
        let shifted = day + 719_468
        let ofEra = shifted % 146_097
        let year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        return (month < 10 ? month + 3 : month - 9, ofYear - (153 * month + 2) / 5 + 1)
    }

    private static func read(
        _ field: Substring, in range: ClosedRange<Int>, _ what: String, names: [Substring] = [], firstName: Int = 0
    ) throws(Fault) -> UInt64 {
        func number(_ text: Substring) throws(Fault) -> Int {
            let named = names.firstIndex(of: text).map { $0 + firstName }
            guard let value = named ?? Int(text), range.contains(value) else {
                throw Fault(
                    description:
                        "has \"\(text)\" for the \(what); it goes from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        var set: UInt64 = 0
        for part in field.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = pieces.count == 2 ? Int(pieces[1]) ?? 0 : 1
            guard step > 0 else { throw Fault(description: "has no number above 0 behind the / of the \(what)") }
            var bounds = (range.lowerBound, range.upperBound)
            if pieces[0] != "*" {
                let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                bounds.0 = try number(ends[0])
                // `5/10` goes on from 5, a plain `5` is 5 alone.
                if ends.count == 2 { bounds.1 = try number(ends[1]) } else if pieces.count == 1 { bounds.1 = bounds.0 }
            }
            guard bounds.0 <= bounds.1 else {
                throw Fault(description: "has a range that runs backwards for the \(what)")
            }
            for value in stride(from: bounds.0, through: bounds.1, by: step) { set |= 1 << UInt64(value) }
        }
        return set
    }
}
