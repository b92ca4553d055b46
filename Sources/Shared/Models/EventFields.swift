// From the fields of a stream entry, or of an HTTP body, to an Event: the one place that knows the schema and its limits.

/// Why an entry is not an event: the field and what is wrong with it, in words its producer can act on.
package struct EventError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field at fault.
    package let field: String
    /// What is wrong and what would be right.
    package let reason: String

    package init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    package var description: String { "\(field): \(reason)" }
}

/// The field names of the event schema, version 1.
package enum EventField {
    package static let user = "user_id"
    package static let item = "item_id"
    package static let type = "event"
    package static let timestamp = "ts"
    package static let eventID = "event_id"
    package static let version = "v"
}

/// Reads events out of text fields.
package struct EventReader: Sendable {
    /// The schema version that this build understands.
    package static let version = 1
    /// The longest producer's event id, in bytes.
    package static let eventIDMaxBytes = 128
    /// Milliseconds below this lie before March 1973: seconds that were sent as milliseconds.
    package static let timestampMinMs: Int64 = 100_000_000_000
    /// The year 5138; more is microseconds or rubbish.
    package static let timestampMaxMs: Int64 = 99_999_999_999_999

    private let types: EventTypes

    package init(types: EventTypes) { self.types = types }

    /// The event that the fields describe. `value` looks a field up; unknown extra fields are nobody's business here.
    package func read(_ value: (String) -> String?) throws(EventError) -> Event {
        try checkVersion(value(EventField.version))
        guard let user = UserID(try required(EventField.user, value)) else {
            throw EventError(field: EventField.user, reason: "must be \(IdentifierRule.description)")
        }
        guard let item = ItemID(try required(EventField.item, value)) else {
            throw EventError(field: EventField.item, reason: "must be \(IdentifierRule.description)")
        }
        let type = value(EventField.type) ?? EventTypes.view
        guard types.weights[type] != nil else {
            throw EventError(field: EventField.type, reason: "unknown type; known are \(types.names)")
        }
        return Event(
            user: user, item: item, type: type,
            timestampMs: try timestamp(value(EventField.timestamp)), eventID: try eventID(value(EventField.eventID)))
    }

    private func required(_ field: String, _ value: (String) -> String?) throws(EventError) -> String {
        guard let text = value(field) else { throw EventError(field: field, reason: "is missing") }
        return text
    }

    /// A later version may mean something else by the same names, so it is never guessed at.
    private func checkVersion(_ text: String?) throws(EventError) {
        guard let text else { return }
        guard let version = Int(text), version >= 1 else {
            throw EventError(field: EventField.version, reason: "must be a whole number from 1")
        }
        guard version <= Self.version else {
            throw EventError(
                field: EventField.version, reason: "is \(version); this build understands up to \(Self.version)")
        }
    }

    private func timestamp(_ text: String?) throws(EventError) -> Int64? {
        guard let text else { return nil }
        guard let milliseconds = Int64(text) else {
            throw EventError(field: EventField.timestamp, reason: "must be a Unix time in milliseconds")
        }
        guard milliseconds >= Self.timestampMinMs else {
            throw EventError(
                field: EventField.timestamp, reason: "is before 1973; is it in seconds? Milliseconds are expected")
        }
        guard milliseconds <= Self.timestampMaxMs else {
            throw EventError(field: EventField.timestamp, reason: "is after the year 5138; milliseconds are expected")
        }
        return milliseconds
    }

    private func eventID(_ text: String?) throws(EventError) -> String? {
        guard let text else { return nil }
        let isPrintable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard !text.isEmpty, text.utf8.count <= Self.eventIDMaxBytes, isPrintable else {
            throw EventError(
                field: EventField.eventID,
                reason: "must be 1 to \(Self.eventIDMaxBytes) printable ASCII characters without spaces")
        }
        return text
    }
}
