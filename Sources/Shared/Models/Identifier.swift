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

    /// Whether one byte belongs to the alphabet: a look-up in 128 bits, since every byte of every list passes here.
    @inline(__always)
    static func isAllowed(_ byte: UInt8) -> Bool {
        let bits = byte & 0x40 == 0 ? digitsAndPoints : letters
        return byte < 0x80 && (bits >> UInt64(byte & 0x3F)) & 1 == 1
    }

    /// `-`, `.`, `0`...`9`, `:` among the bytes 0 to 63.
    private static let digitsAndPoints: UInt64 = 0x07FF_6000_0000_0000
    /// `@`, `A`...`Z`, `_`, `a`...`z` among the bytes 64 to 127.
    private static let letters: UInt64 = 0x07FF_FFFE_87FF_FFFF
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
