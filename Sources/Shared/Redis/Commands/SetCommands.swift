// Commands on sets.

package import NIOCore

/// SADD: how many of the members are new.
package struct SADD: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let members: [String]
    package init(_ key: String, _ members: [String]) {
        self.key = key
        self.members = members
    }
    package var name: String { "SADD" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: members)
    }
}

/// SREM: how many of the members were in the set.
package struct SREM: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let members: [String]
    package init(_ key: String, _ members: [String]) {
        self.key = key
        self.members = members
    }
    package var name: String { "SREM" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: members)
    }
}

/// SMEMBERS: all members, in no order.
package struct SMEMBERS: RedisCommand {
    package typealias Response = [ByteBuffer]
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "SMEMBERS" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}

/// SISMEMBER: whether the member is in the set.
package struct SISMEMBER: RedisCommand {
    package typealias Response = Bool
    package let key: String
    package let member: String
    package init(_ key: String, _ member: String) {
        self.key = key
        self.member = member
    }
    package var name: String { "SISMEMBER" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(member)
    }
}

/// SCARD: the number of members.
package struct SCARD: RedisCommand {
    package typealias Response = Int
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "SCARD" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}
