// Query parameters, read once and strictly: a misspelt or repeated parameter is an error that the caller should see,
// not a default that it would never notice.

package import Hummingbird

/// The query parameters of one request.
package struct QueryReader: Sendable {
    /// What becomes of a parameter that the route does not know.
    package enum UnknownParameters: Sendable {
        /// 400 with the known names; for the routes below /v1.
        case refused
        /// Passed over; for the compatible routes, whose clients send what they always sent.
        case ignored
    }

    private var values: [(name: String, value: String)] = []

    /// Reads the query of a request.
    /// - Parameters:
    ///   - known: the parameters that the route has.
    ///   - unknown: what becomes of others.
    /// - Throws: ``Problem`` 400 for a broken percent sequence, a repeated known parameter, or an unknown one.
    package init(_ request: Request, known: [String], unknown: UnknownParameters = .refused) throws(Problem) {
        guard let query = request.uri.query, !query.isEmpty else { return }
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = PercentDecoding.decode(pair[..<equals], plusIsSpace: true) else {
                throw .badRequest("a query parameter's name is not percent-encoded UTF-8")
            }
            guard known.contains(name) else {
                if unknown == .ignored { continue }
                throw .invalid(name, "is no parameter of this route; it knows \(Self.list(known))")
            }
            guard let value = PercentDecoding.decode(pair[equals...].dropFirst(), plusIsSpace: true) else {
                throw .invalid(name, "is not percent-encoded UTF-8")
            }
            guard text(name) == nil else { throw .invalid(name, "is given more than once") }
            values.append((name, value))
        }
    }

    /// A parameter's text; nil if it is absent.
    package func text(_ name: String) -> String? { values.first { $0.name == name }?.value }

    /// The text of a parameter that must be there.
    package func required(_ name: String) throws(Problem) -> String {
        guard let value = text(name) else { throw .invalid(name, "is missing; it is a query parameter") }
        return value
    }

    /// A whole number within a range; nil if it is absent.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let value = text(name) else { return nil }
        guard let integer = Int(value), range.contains(integer) else {
            let bounds = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw .invalid(name, "must be \(bounds), got \(Self.quoted(value))")
        }
        return integer
    }

    /// A whole number within a range, or the default.
    package func integer(_ name: String, in range: ClosedRange<Int>, default: Int) throws(Problem) -> Int {
        try integer(name, in: range) ?? `default`
    }

    /// `true` or `1`, `false` or `0`; a parameter without a value means true.
    package func flag(_ name: String, default: Bool = false) throws(Problem) -> Bool {
        switch text(name) {
        case nil: return `default`
        case "", "1", "true": return true
        case "0", "false": return false
        case .some(let value): throw .invalid(name, "must be true or false, got \(Self.quoted(value))")
        }
    }

    /// One of an enumeration's raw values, or the default.
    package func choice<Choice>(_ name: String, default: Choice) throws(Problem) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let value = text(name) else { return `default` }
        guard let choice = Choice(rawValue: value) else {
            throw .invalid(name, "must be \(Self.list(Choice.allCases.map(\.rawValue))), got \(Self.quoted(value))")
        }
        return choice
    }

    /// Words separated by commas; empty words are passed over.
    /// - Parameter countMax: how many words are taken.
    package func words(_ name: String, countMax: Int) throws(Problem) -> [Substring] {
        guard let value = text(name) else { return [] }
        let words = value.split(separator: ",")
        guard words.count <= countMax else {
            throw .invalid(name, "takes at most \(countMax) entries, got \(words.count)")
        }
        return words
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "no parameters" : names.joined(separator: ", ")
    }

    /// What was sent, cut short: an answer is no place to send a megabyte back.
    private static func quoted(_ value: String) -> String {
        value.count > 40 ? "'\(value.prefix(40))…'" : "'\(value)'"
    }
}
