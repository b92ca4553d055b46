// The two identifiers that everything else is about. Both come from outside, so both exist only in validated form:
// an identifier can be put into a Redis key, a CSV cell or a JSON string without being escaped.

/// The alphabet and length that user and item identifiers share.
package enum IdentifierRule {
    /// The longest identifier, in bytes.
    package static let lengthMaxBytes = 64

    /// What an error message says about the rule.
    package static let description = "1 to 64 bytes of A-Z a-z 0-9 _ . : @ -"

    /// Whether these bytes form an identifier.
    package static func accepts(_ bytes: some Collection<UInt8>) -> Bool {
        var count = 0
        for byte in bytes {
            count += 1
            guard count <= lengthMaxBytes, isAllowed(byte) else { return false }
        }
        return count > 0
    }

    /// Whether one byte belongs to the alphabet.
    package static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "@"):
            true
        default: false
        }
    }
}

/// A user as the shop names them.
package struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The identifier's text.
    package let text: String

    /// The identifier, or nil if `text` breaks ``IdentifierRule``.
    package init?(_ text: some StringProtocol) {
        guard IdentifierRule.accepts(text.utf8) else { return nil }
        self.text = String(text)
    }

    package var description: String { text }
}

/// An item as the shop names it.
package struct ItemID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The identifier's text.
    package let text: String

    /// The identifier, or nil if `text` breaks ``IdentifierRule``.
    package init?(_ text: some StringProtocol) {
        guard IdentifierRule.accepts(text.utf8) else { return nil }
        self.text = String(text)
    }

    /// An identifier out of bytes, or nil if they break ``IdentifierRule``. On the path of every request.
    package init?(utf8 bytes: Span<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= IdentifierRule.lengthMaxBytes else { return nil }
        for index in bytes.indices where !IdentifierRule.isAllowed(bytes[index]) { return nil }
        text = unsafe bytes.withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
    }

    package var description: String { text }

    /// Bytewise order, the order of ties everywhere.
    package static func < (left: ItemID, right: ItemID) -> Bool { left.text < right.text }
}
