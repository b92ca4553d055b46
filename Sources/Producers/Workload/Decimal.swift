// Numbers as people read them, without a formatter.

/// Decimal text of numbers.
enum Decimal {
    /// With at most `digits` decimals, without zeros at the end.
    static func text(_ value: Double, digits: Int = 3) -> String {
        var text = fixed(value, digits: digits)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// With exactly `digits` decimals.
    static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let units = Int64((abs(value) * scale).rounded())
        let sign = value < 0 && units > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(units)" }
        let fraction = String(units % Int64(scale))
        return "\(sign)\(units / Int64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// With three digits that count, such as 0.123, 1.23, 12.3 and 123.
    static func short(_ value: Double) -> String {
        fixed(value, digits: value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0)
    }

    /// A whole number with spaces between thousands.
    static func grouped(_ value: Int) -> String {
        var text = ""
        for (index, digit) in String(value).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(" ") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
