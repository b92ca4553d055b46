// The id that ties a response to the lines it left in the log.

package import HTTPTypes

extension HTTPField.Name {
    /// The request's id: taken from the caller if it has one, else made; always sent back. The text is a valid field
    /// name, so the fallback is never taken.
    package static let requestID = HTTPField.Name("X-Request-Id") ?? .from
}

/// The rule for ids that come from outside.
enum RequestIdentity {
    /// The longest id that is taken from a caller, in bytes.
    static let lengthMaxBytes = 64

    /// Whether a caller's id may go into the log and back into a header as it is.
    static func accepts(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...lengthMaxBytes).contains(bytes.count) && bytes.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
