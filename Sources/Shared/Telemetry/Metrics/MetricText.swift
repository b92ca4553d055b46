// Names, labels and numbers as the text formats want them.

/// Names of metrics and labels.
enum MetricName {
    /// A metric's name: what is not allowed becomes an underscore.
    static func metric(_ text: String) -> String { formed(text, allowing: UInt8(ascii: ":")) }

    /// A label's name.
    static func label(_ text: String) -> String { formed(text, allowing: UInt8(ascii: "_")) }

    private static func formed(_ text: String, allowing further: UInt8) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                further:
                bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // A digit may not come first.
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte)
            default: bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}

/// Labels as they are written between braces.
enum LabelText {
    /// The role first, then the labels as they come.
    static func text(role: String, _ labels: some Sequence<(String, String)>) -> String {
        var text = "role=\"\(escaped(role))\""
        for (name, value) in labels { text += ",\(MetricName.label(name))=\"\(escaped(value))\"" }
        return text
    }

    /// A value between quotes: backslash, quote and newline are the three that need help.
    static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// Values.
enum NumberText {
    /// A value: whole numbers without a point, others as short as they can be read back.
    static func value(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    /// A bucket's bound, always with a point: OpenMetrics wants that, and a bound must read the same in both formats.
    static func bound(_ bound: Double) -> String { bound.isInfinite ? "+Inf" : "\(bound)" }
}
