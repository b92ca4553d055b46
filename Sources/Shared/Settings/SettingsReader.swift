// Settings come from the environment, from a .env file and from defaults, in this order. A value that cannot be used
// stops the start with the variable's name, what it holds and what it may hold; nothing falls back in silence.

package import Configuration
package import Models

/// A setting that cannot be used.
package struct SettingsError: Error, CustomStringConvertible, Sendable {
    /// The environment variable.
    package let variable: String
    /// What is wrong and what would be right.
    package let reason: String

    package init(variable: String, reason: String) {
        self.variable = variable
        self.reason = reason
    }

    package var description: String { "\(variable) \(reason)" }
}

/// Reads typed settings by the names of their environment variables, such as `GATEWAY_PORT`.
package struct SettingsReader: Sendable {
    private let config: ConfigReader

    package init(_ config: ConfigReader) { self.config = config }

    /// The text of a variable; nil if it is absent or empty, since compose files pass on absent variables as empty ones.
    package func text(_ variable: String, isSecret: Bool = false) -> String? {
        let key = ConfigKey(variable.lowercased().split(separator: "_").map(String.init))
        guard let text = config.string(forKey: key, isSecret: isSecret), !text.isEmpty else { return nil }
        return text
    }

    /// A whole number within `range`.
    package func integer(
        _ variable: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(SettingsError) -> Int {
        guard let text = text(variable) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw SettingsError(
                variable: variable,
                reason: "is \"\(text)\"; it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A number within `range`.
    package func number(
        _ variable: String, default fallback: Double, in range: ClosedRange<Double>
    ) throws(SettingsError) -> Double {
        guard let text = text(variable) else { return fallback }
        guard let value = Double(text), range.contains(value) else {
            throw SettingsError(
                variable: variable,
                reason: "is \"\(text)\"; it must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A switch: on, off, true, false, 1 or 0.
    package func flag(_ variable: String, default fallback: Bool) throws(SettingsError) -> Bool {
        guard let text = text(variable) else { return fallback }
        switch text.lowercased() {
        case "on", "true", "1", "yes": return true
        case "off", "false", "0", "no": return false
        default: throw SettingsError(variable: variable, reason: "is \"\(text)\"; it must be on or off")
        }
    }

    /// One of an enumeration's names.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ variable: String, default fallback: Choice
    ) throws(SettingsError) -> Choice where Choice.RawValue == String {
        guard let text = text(variable) else { return fallback }
        guard let value = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError(variable: variable, reason: "is \"\(text)\"; it must be one of \(names)")
        }
        return value
    }

    /// Event types with their weights, such as `view=1,addtocart=2`.
    package func eventTypes(_ variable: String, default fallback: EventTypes) throws(SettingsError) -> EventTypes {
        guard let text = text(variable) else { return fallback }
        var weights: [String: Double] = [:]
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, IdentifierRule.accepts(parts[0].utf8), let weight = Double(parts[1]),
                (0...1_000_000).contains(weight)
            else {
                throw SettingsError(
                    variable: variable,
                    reason: "holds \"\(pair)\"; it must be a list such as view=1,addtocart=2,transaction=3")
            }
            weights[String(parts[0])] = weight
        }
        guard weights[EventTypes.view] != nil else {
            throw SettingsError(
                variable: variable, reason: "must contain \(EventTypes.view), the type of an event that names none")
        }
        return EventTypes(weights: weights)
    }
}
