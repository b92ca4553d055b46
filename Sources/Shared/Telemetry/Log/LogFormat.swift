// What a log line looks like: for people, or one JSON object for machines.

package import Logging

/// The two forms of the log.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `2026-11-23T16:00:00.123Z info gateway: message key=value`
    case text
    /// One JSON object a line.
    case json

    /// The line for one entry, with its newline.
    package func line(
        timeMs: Int64, level: Logger.Level, label: String, message: String, metadata: [(key: String, value: String)]
    ) -> String {
        switch self {
        case .text:
            var line = "\(UTCTime.text(milliseconds: timeMs)) \(level.rawValue) \(label): \(Self.onOneLine(message))"
            for (key, value) in metadata { line += " \(key)=\(Self.word(value))" }
            return line + "\n"
        case .json:
            var line = "{\"time\":\"\(UTCTime.text(milliseconds: timeMs))\",\"level\":\"\(level.rawValue)\""
            line += ",\"label\":\(Self.quoted(label)),\"message\":\(Self.quoted(message))"
            for (key, value) in metadata { line += ",\(Self.quoted(key)):\(Self.quoted(value))" }
            return line + "}\n"
        }
    }

    /// What comes from outside must not be able to forge a line of its own.
    private static func onOneLine(_ text: String) -> String {
        text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? quoted(text) : text
    }

    private static func word(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0.value != 0x7F }
        return isPlain ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
