// Commands on strings.

package import NIOCore

/// GET: the value at a key, nil when there is none.
package struct GET: RedisCommand {
    package typealias Response = ByteBuffer?
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "GET" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}

/// SET: true when the value was set, false when NX or XX kept it from being set.
package struct SET: RedisCommand {
    package typealias Response = Bool

    /// When the key leaves by itself.
    package enum Expiry: Sendable {
        case seconds(Int)
        case milliseconds(Int)
        /// Keeps the time to live that the key has.
        case keep
    }

    /// Whether the key has to be absent or present.
    package enum Condition: String, Sendable {
        case ifAbsent = "NX"
        case ifPresent = "XX"
    }

    package let key: String
    package let value: RedisArgument
    package let expiry: Expiry?
    package let condition: Condition?

    package init(_ key: String, _ value: RedisArgument, expiry: Expiry? = nil, condition: Condition? = nil) {
        self.key = key
        self.value = value
        self.expiry = expiry
        self.condition = condition
    }

    package var name: String { "SET" }
    package var isIdempotent: Bool { condition == nil }

    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(value)
        switch expiry {
        case .seconds(let seconds):
            encoder.write("EX")
            encoder.write(seconds)
        case .milliseconds(let milliseconds):
            encoder.write("PX")
            encoder.write(milliseconds)
        case .keep: encoder.write("KEEPTTL")
        case nil: break
        }
        if let condition { encoder.write(condition.rawValue) }
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> Bool {
        switch reply {
        case .simpleString: return true
        case .null: return false
        default: throw .unexpected("OK or null", reply)
        }
    }
}

/// MGET: the values at several keys, in the order of the keys.
package struct MGET: RedisCommand {
    package typealias Response = [ByteBuffer?]
    package let keys: [String]
    package init(_ keys: [String]) { self.keys = keys }
    package var name: String { "MGET" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(contentsOf: keys) }
}

/// INCR: the number at the key after adding one.
package struct INCR: RedisCommand {
    package typealias Response = Int
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "INCR" }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}
