// Commands on sorted sets.

package import NIOCore

/// ZADD: how many of the members are new. A member that is there gets the new score.
package struct ZADD: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let members: [(score: Double, member: String)]
    package init(_ key: String, _ members: [(score: Double, member: String)]) {
        self.key = key
        self.members = members
    }
    package var name: String { "ZADD" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        for (score, member) in members {
            encoder.write(.double(score))
            encoder.write(member)
        }
    }
}

/// ZREM: how many of the members were in the set.
package struct ZREM: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let members: [String]
    package init(_ key: String, _ members: [String]) {
        self.key = key
        self.members = members
    }
    package var name: String { "ZREM" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: members)
    }
}

/// ZRANGE: members by rank, lowest score first, or highest first when `reversed`; negative ranks count from the end.
package struct ZRANGE: RedisCommand {
    package typealias Response = [ByteBuffer]
    package let key: String
    package let first: Int
    package let last: Int
    package let reversed: Bool
    package init(_ key: String, _ first: Int, _ last: Int, reversed: Bool = false) {
        self.key = key
        self.first = first
        self.last = last
        self.reversed = reversed
    }
    package var name: String { "ZRANGE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(first)
        encoder.write(last)
        if reversed { encoder.write("REV") }
    }
}

/// One end of a range of scores.
package enum ScoreBound: Sendable {
    case inclusive(Double)
    case exclusive(Double)
    case lowest
    case highest

    fileprivate var text: String {
        switch self {
        case .inclusive(let score): "\(score)"
        case .exclusive(let score): "(\(score)"
        case .lowest: "-inf"
        case .highest: "+inf"
        }
    }
}

/// ZRANGEBYSCORE: members with their scores between two bounds, lowest first, at most `limit`.
package struct ZRANGEBYSCORE: RedisCommand {
    package typealias Response = [(member: ByteBuffer, score: Double)]
    package let key: String
    package let lower: ScoreBound
    package let upper: ScoreBound
    package let limit: Int?
    package init(_ key: String, from lower: ScoreBound, through upper: ScoreBound, limit: Int? = nil) {
        self.key = key
        self.lower = lower
        self.upper = upper
        self.limit = limit
    }
    package var name: String { "ZRANGEBYSCORE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: [key, lower.text, upper.text, "WITHSCORES"])
        if let limit { encoder.write(contentsOf: ["LIMIT", 0, .integer(limit)]) }
    }
    package func decode(_ reply: RESPValue) throws(RedisError) -> [(member: ByteBuffer, score: Double)] {
        var members: [(member: ByteBuffer, score: Double)] = []
        for (member, score) in try reply.pairs() { members.append((member, try score.as(Double.self))) }
        return members
    }
}

/// ZREMRANGEBYSCORE: how many members were removed.
package struct ZREMRANGEBYSCORE: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let lower: ScoreBound
    package let upper: ScoreBound
    package init(_ key: String, from lower: ScoreBound, through upper: ScoreBound) {
        self.key = key
        self.lower = lower
        self.upper = upper
    }
    package var name: String { "ZREMRANGEBYSCORE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: [key, lower.text, upper.text])
    }
}

/// ZSCORE: a member's score, nil when it is not in the set.
package struct ZSCORE: RedisCommand {
    package typealias Response = Double?
    package let key: String
    package let member: String
    package init(_ key: String, _ member: String) {
        self.key = key
        self.member = member
    }
    package var name: String { "ZSCORE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(member)
    }
}

/// ZCARD: the number of members.
package struct ZCARD: RedisCommand {
    package typealias Response = Int
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "ZCARD" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}
