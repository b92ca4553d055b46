// Turns replies into Swift values. Every accessor throws `unexpectedReply` naming what was expected and what came.

package import NIOCore

/// A type that one reply can be read as.
package protocol RESPDecodable: Sendable {
    /// Reads the reply, or throws `unexpectedReply`.
    static func decode(_ reply: RESPValue) throws(RedisError) -> Self
}

extension RESPValue {
    /// The reply read as `type`.
    package func `as`<Value: RESPDecodable>(_ type: Value.Type = Value.self) throws(RedisError) -> Value {
        try Value.decode(self)
    }

    /// The elements of an array.
    package func elements() throws(RedisError) -> [RESPValue] {
        guard case .array(let values) = self else { throw .unexpected("an array", self) }
        return values
    }

    /// The elements of an array of exactly, or at least, `count` values.
    package func elements(atLeast count: Int) throws(RedisError) -> [RESPValue] {
        guard case .array(let values) = self, values.count >= count else {
            throw .unexpected("an array of at least \(count)", self)
        }
        return values
    }

    /// An array of alternating names and values, as HGETALL, CONFIG GET and XINFO answer.
    package func pairs() throws(RedisError) -> [(field: ByteBuffer, value: RESPValue)] {
        guard case .array(let values) = self, values.count.isMultiple(of: 2) else {
            throw .unexpected("an array of pairs", self)
        }
        var pairs: [(field: ByteBuffer, value: RESPValue)] = []
        pairs.reserveCapacity(values.count / 2)
        for index in stride(from: 0, to: values.count, by: 2) {
            pairs.append((try values[index].as(ByteBuffer.self), values[index + 1]))
        }
        return pairs
    }
}

extension RESPValue: RESPDecodable {
    package static func decode(_ reply: RESPValue) -> RESPValue { reply }
}

extension ByteBuffer: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> ByteBuffer {
        switch reply {
        case .bulk(let bytes): return bytes
        case .simpleString(let text): return ByteBuffer(string: text)
        default: throw .unexpected("a string", reply)
        }
    }
}

extension String: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> String {
        switch reply {
        case .bulk(let bytes): return String(buffer: bytes)
        case .simpleString(let text): return text
        default: throw .unexpected("a string", reply)
        }
    }
}

extension Int: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        switch reply {
        case .integer(let number): return number
        case .bulk(let bytes):
            guard let number = Int(String(buffer: bytes)) else { throw .unexpected("an integer", reply) }
            return number
        default: throw .unexpected("an integer", reply)
        }
    }
}

extension Bool: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> Bool {
        guard case .integer(let number) = reply, number == 0 || number == 1 else { throw .unexpected("0 or 1", reply) }
        return number == 1
    }
}

extension Double: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> Double {
        if case .integer(let number) = reply { return Double(number) }
        guard case .bulk(let bytes) = reply, let number = Double(String(buffer: bytes)) else {
            throw .unexpected("a number", reply)
        }
        return number
    }
}

extension Optional: RESPDecodable where Wrapped: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> Wrapped? {
        if case .null = reply { return nil }
        return try Wrapped.decode(reply)
    }
}

extension Array: RESPDecodable where Element: RESPDecodable {
    package static func decode(_ reply: RESPValue) throws(RedisError) -> [Element] {
        let replies = try reply.elements()
        var values: [Element] = []
        values.reserveCapacity(replies.count)
        for reply in replies { values.append(try Element.decode(reply)) }
        return values
    }
}
