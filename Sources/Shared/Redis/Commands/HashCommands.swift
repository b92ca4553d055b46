// Commands on hashes.

package import NIOCore

/// HGETALL: every field with its value, in Redis's order; empty when there is no such key.
package struct HGETALL: RedisCommand {
    package typealias Response = [(field: ByteBuffer, value: ByteBuffer)]
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "HGETALL" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [(field: ByteBuffer, value: ByteBuffer)] {
        let values = try reply.elements()
        guard values.count.isMultiple(of: 2) else { throw .unexpected("an array of pairs", reply) }
        var pairs: [(field: ByteBuffer, value: ByteBuffer)] = []
        pairs.reserveCapacity(values.count / 2)
        for index in stride(from: 0, to: values.count, by: 2) {
            pairs.append((try ByteBuffer.decode(values[index]), try ByteBuffer.decode(values[index + 1])))
        }
        return pairs
    }
}

/// HGET: the value of one field, nil when there is none.
package struct HGET: RedisCommand {
    package typealias Response = ByteBuffer?
    package let key: String
    package let field: String
    package init(_ key: String, _ field: String) {
        self.key = key
        self.field = field
    }
    package var name: String { "HGET" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(field)
    }
}

/// HMGET: the values of several fields, in the order of the fields.
package struct HMGET: RedisCommand {
    package typealias Response = [ByteBuffer?]
    package let key: String
    package let fields: [String]
    package init(_ key: String, _ fields: [String]) {
        self.key = key
        self.fields = fields
    }
    package var name: String { "HMGET" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: fields)
    }
}

/// HSET: how many of the fields are new.
package struct HSET: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let fields: [(field: String, value: RedisArgument)]
    package init(_ key: String, _ fields: [(field: String, value: RedisArgument)]) {
        self.key = key
        self.fields = fields
    }
    package var name: String { "HSET" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        for (field, value) in fields {
            encoder.write(field)
            encoder.write(value)
        }
    }
}

/// HDEL: how many of the fields existed.
package struct HDEL: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let fields: [String]
    package init(_ key: String, _ fields: [String]) {
        self.key = key
        self.fields = fields
    }
    package var name: String { "HDEL" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: fields)
    }
}

/// HLEN: the number of fields.
package struct HLEN: RedisCommand {
    package typealias Response = Int
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "HLEN" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}

/// HINCRBY: the field's number after adding.
package struct HINCRBY: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let field: String
    package let increment: Int
    package init(_ key: String, _ field: String, by increment: Int) {
        self.key = key
        self.field = field
        self.increment = increment
    }
    package var name: String { "HINCRBY" }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(field)
        encoder.write(increment)
    }
}
