// One decoded RESP2 reply. Bulk payloads are slices of one buffer per reply, so a hash of ten fields costs one
// allocation for all its bytes. A slice kept for long keeps the whole reply's bytes alive: copy what must live on.

package import NIOCore

/// A reply of the server, as RESP2 spells it.
package enum RESPValue: Sendable, Equatable {
    /// A status such as `OK`.
    case simpleString(String)
    /// An error; only nested ones reach a decoder, a top-level one is thrown as `RedisError`.
    case error(String)
    /// A 64-bit integer.
    case integer(Int)
    /// A binary-safe string: a slice of the reply's buffer.
    case bulk(ByteBuffer)
    /// A null bulk string or null array.
    case null
    /// Nested values, at most seven levels deep.
    case array([RESPValue])

    /// The shape in words, for error texts: never the payload, which may be private.
    var shape: String {
        switch self {
        case .simpleString(let text): "the status \"\(text.prefix(64))\""
        case .error(let text): "the error \"\(text.prefix(256))\""
        case .integer: "an integer"
        case .bulk(let bytes): "a string of \(bytes.readableBytes) bytes"
        case .null: "null"
        case .array(let values): "an array of \(values.count)"
        }
    }
}
