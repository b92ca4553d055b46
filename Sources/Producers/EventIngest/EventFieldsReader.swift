// From one JSON value to the fields of one stream entry. An event is flat: what is nested has no place in a stream
// entry.

import Models

/// An event as it goes on the stream.
struct IncomingEvent: Equatable {
    /// Whose event it is.
    let user: UserID
    /// The fields as they were given, as text.
    let fields: [(name: String, value: String)]

    static func == (left: IncomingEvent, right: IncomingEvent) -> Bool {
        left.user == right.user && left.fields.elementsEqual(right.fields, by: ==)
    }
}

/// Reads events and knows what they may hold besides the schema.
struct EventFieldsReader {
    /// The most fields of an event.
    static let fieldCountMax = 32
    /// The longest field name, in bytes.
    static let nameBytesMax = 128
    /// The longest field value, in bytes.
    static let valueBytesMax = 4096

    private static let schema: Set<String> = [
        EventField.user, EventField.item, EventField.type, EventField.timestamp, EventField.eventID, EventField.version,
    ]

    let events: EventReader

    /// Reads the next value: an event, or what keeps it from being one.
    /// - Throws: What makes the text no JSON, so that nothing behind it can be read.
    func read(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Result<IncomingEvent, EventError> {
        guard scanner.take("{") else {
            let shape = Self.name(of: try scanner.value())
            return .failure(EventError(field: "event", reason: "must be a JSON object, got \(shape)"))
        }
        var members = Members()
        if !scanner.take("}") {
            repeat {
                let name = try scanner.string()
                try scanner.expect(":")
                members.add(name, try scanner.value())
            } while scanner.take(",")
            guard scanner.take("}") else { throw scanner.error("expected ',' or '}'") }
        }
        return event(members)
    }

    /// The event of a query's parameters.
    func read(_ fields: [(name: String, value: String)]) -> Result<IncomingEvent, EventError> {
        var members = Members()
        for (name, value) in fields { members.add(name, .string(value)) }
        return event(members)
    }

    private func event(_ members: Members) -> Result<IncomingEvent, EventError> {
        if let error = members.error { return .failure(error) }
        let fields = members.fields
        do throws(EventError) {
            let event = try events.read { name in fields.first { $0.name == name }?.value }
            return .success(IncomingEvent(user: event.user, fields: fields))
        } catch { return .failure(error) }
    }

    private static func name(of scalar: JSONScalar) -> String {
        switch scalar {
        case .string: "a string"
        case .integer, .fraction: "a number"
        case .bool: "true or false"
        case .null: "null"
        case .nested(let name): name
        }
    }

    /// The members of one object, and the first thing that is wrong with them.
    private struct Members {
        private(set) var fields: [(name: String, value: String)] = []
        private(set) var error: EventError?

        mutating func add(_ name: String, _ scalar: JSONScalar) {
            guard error == nil else { return }
            do throws(EventError) {
                guard let text = try EventFieldsReader.text(of: scalar, field: name) else { return }
                guard !name.isEmpty, name.utf8.count <= nameBytesMax else {
                    throw EventError(
                        field: String(name.prefix(40)), reason: "a field's name must have 1 to \(nameBytesMax) bytes")
                }
                guard !fields.contains(where: { $0.name == name }) else {
                    throw EventError(field: name, reason: "is given twice")
                }
                guard fields.count < fieldCountMax else {
                    throw EventError(
                        field: name, reason: "is one field too many; an event has at most \(fieldCountMax)")
                }
                guard text.utf8.count <= valueBytesMax else {
                    throw EventError(field: name, reason: "is longer than \(valueBytesMax) bytes")
                }
                fields.append((name, text))
            } catch { self.error = error }
        }
    }

    /// The text that goes on the stream; nil for null, which says no more than a missing field.
    private static func text(of scalar: JSONScalar, field: String) throws(EventError) -> String? {
        switch scalar {
        case .string(let text), .integer(let text): return text
        case .null: return nil
        case .fraction(let text) where !schema.contains(field): return text
        case .bool(let flag) where !schema.contains(field): return flag ? "true" : "false"
        case .fraction:
            throw EventError(field: field, reason: "must be a string or a whole number, got a number with a fraction")
        case .bool: throw EventError(field: field, reason: "must be a string or a whole number, got true or false")
        case .nested(let name):
            throw EventError(
                field: String(field.prefix(40)), reason: "must be a string, a number, true or false, got \(name)")
        }
    }
}
