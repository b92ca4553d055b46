// A timestamp as digits, and the mistake that everybody makes with one: seconds where milliseconds are expected.

import Models

/// A timestamp field: within the event schema's limits, or apparently in seconds.
enum RowTimestamp {
    case milliseconds(Int64)
    case seconds

    /// 1973 in seconds: below this it is neither.
    private static let secondsMin: Int64 = 100_000_000
    private static let digitsMax = 18

    init?(_ field: CSVField) {
        guard !field.isEmpty, field.count <= Self.digitsMax else { return nil }
        var value: Int64 = 0
        for byte in field {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        }
        if value >= EventReader.timestampMinMs, value <= EventReader.timestampMaxMs {
            self = .milliseconds(value)
        } else if value >= Self.secondsMin, value < EventReader.timestampMinMs {
            self = .seconds
        } else {
            return nil
        }
    }
}
