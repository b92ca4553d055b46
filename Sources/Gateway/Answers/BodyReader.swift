// The fields of a JSON object in a request's body, read as strictly as a query: what is misspelt is an error.

import Hummingbird
import WebService

/// A request's body, which must be one JSON object.
struct BodyReader {
    private let fields: [String: JSONValue]

    /// Reads the body.
    /// - Throws: ``Problem`` 415, 413, or 400 for what is no object or has a field that the route does not know.
    init(_ request: Request, _ context: ServiceContext, known: [String]) async throws {
        fields = try await request.json([String: JSONValue].self, context)
        for name in fields.keys.sorted() where !known.contains(name) {
            throw Problem.invalid(
                "\(name.prefix(64))", "is no field of this body; it knows \(known.joined(separator: ", "))")
        }
    }

    /// The elements of an array; empty if it is absent.
    func elements(_ name: String, countMax: Int) throws(Problem) -> [JSONValue] {
        switch fields[name] {
        case nil, .null: return []
        case .array(let elements):
            guard elements.count <= countMax else {
                throw .invalid(name, "takes at most \(countMax) entries, got \(elements.count)")
            }
            return elements
        case .some(let other): throw .invalid(name, "must be an array, got \(other.typeName)")
        }
    }

    /// The elements of an array of strings or whole numbers.
    func texts(_ name: String, countMax: Int) throws(Problem) -> [String] {
        var texts: [String] = []
        for element in try elements(name, countMax: countMax) {
            guard let text = element.scalarText else {
                throw .invalid(
                    name, "holds \(element.typeName) at place \(texts.count + 1); strings or whole numbers are ids")
            }
            texts.append(text)
        }
        return texts
    }

    /// A string or a whole number as text; nil if it is absent.
    func text(_ name: String) throws(Problem) -> String? {
        switch fields[name] {
        case nil, .null: return nil
        case .some(let value):
            guard let text = value.scalarText else { throw .invalid(name, "must be a string, got \(value.typeName)") }
            return text
        }
    }

    /// A whole number within a range, or the default.
    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(Problem) -> Int {
        switch fields[name] {
        case nil, .null: return fallback
        case .integer(let value) where range.contains(Int(value)): return Int(value)
        case .integer(let value): throw .invalid(name, "must be \(Self.bounds(range)), got \(value)")
        case .some(let other): throw .invalid(name, "must be \(Self.bounds(range)), got \(other.typeName)")
        }
    }

    /// `true` or `false`; false if it is absent.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch fields[name] {
        case nil, .null: return false
        case .bool(let value): return value
        case .some(let other): throw .invalid(name, "must be true or false, got \(other.typeName)")
        }
    }

    /// One of an enumeration's raw values, or the default.
    func choice<Choice>(_ name: String, default fallback: Choice) throws(Problem) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = try text(name) else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(name, "must be one of \(names)")
        }
        return choice
    }

    private static func bounds(_ range: ClosedRange<Int>) -> String {
        "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}
