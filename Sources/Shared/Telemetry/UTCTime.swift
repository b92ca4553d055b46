// Time of day in UTC without full Foundation, which would double the binary.

import Glibc

/// Unix time and its text.
package enum UTCTime {
    /// Now, in milliseconds since 1970.
    package static func nowMs() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// ISO 8601 with milliseconds, such as `2026-11-23T16:00:00.123Z`.
    package static func text(milliseconds: Int64) -> String {
        let (date, time) = fields(milliseconds: milliseconds)
        let fraction = ((milliseconds % 1000) + 1000) % 1000
        return "\(date.joined(separator: "-"))T\(time.joined(separator: ":")).\(padded(Int32(fraction), 3))Z"
    }

    /// Compact form for names, such as `20261123T160000Z`.
    package static func compact(milliseconds: Int64) -> String {
        let (date, time) = fields(milliseconds: milliseconds)
        return "\(date.joined())T\(time.joined())Z"
    }

    private static func fields(milliseconds: Int64) -> (date: [String], time: [String]) {
        var seconds = time_t(milliseconds.quotientAndFloor(dividingBy: 1000))
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        return (
            [
                unsafe padded(parts.tm_year + 1900, 4), unsafe padded(parts.tm_mon + 1, 2),
                unsafe padded(parts.tm_mday, 2),
            ],
            [unsafe padded(parts.tm_hour, 2), unsafe padded(parts.tm_min, 2), unsafe padded(parts.tm_sec, 2)]
        )
    }

    private static func padded(_ value: Int32, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity, so that times before 1970 keep their second.
    fileprivate func quotientAndFloor(dividingBy divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
