// One argument of a command: anything that can be written as a bulk string without an intermediate copy.

package import NIOCore

/// A value handed to Redis: text, bytes or a number. Integers and floating point numbers are sent in decimal.
package enum RedisArgument: Sendable, Equatable {
    case string(String)
    case bytes([UInt8])
    case buffer(ByteBuffer)
    case integer(Int)
    case double(Double)
}

extension RedisArgument {
    /// Text, sent as UTF-8.
    package init(_ text: String) { self = .string(text) }
    /// Text, sent as UTF-8.
    package init(_ text: Substring) { self = .string(String(text)) }
    /// Bytes as they are.
    package init(_ bytes: [UInt8]) { self = .bytes(bytes) }
    /// The buffer's readable bytes.
    package init(_ buffer: ByteBuffer) { self = .buffer(buffer) }
    /// An integer in decimal.
    package init(_ number: Int) { self = .integer(number) }
    /// A number in the shortest decimal form that reads back the same.
    package init(_ number: Double) { self = .double(number) }
}

extension RedisArgument: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .string(value) }
}

extension RedisArgument: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .integer(value) }
}
