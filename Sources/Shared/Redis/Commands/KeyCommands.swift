// Commands on keys of any type.

/// DEL: how many of the keys existed.
package struct DEL: RedisCommand {
    package typealias Response = Int
    package let keys: [String]
    package init(_ keys: [String]) { self.keys = keys }
    package init(_ key: String) { self.keys = [key] }
    package var name: String { "DEL" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(contentsOf: keys) }
}

/// UNLINK: as DEL, with the memory freed in the background.
package struct UNLINK: RedisCommand {
    package typealias Response = Int
    package let keys: [String]
    package init(_ keys: [String]) { self.keys = keys }
    package init(_ key: String) { self.keys = [key] }
    package var name: String { "UNLINK" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(contentsOf: keys) }
}

/// EXISTS: how many of the keys exist.
package struct EXISTS: RedisCommand {
    package typealias Response = Int
    package let keys: [String]
    package init(_ keys: [String]) { self.keys = keys }
    package init(_ key: String) { self.keys = [key] }
    package var name: String { "EXISTS" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(contentsOf: keys) }
}

/// EXPIRE: false when there is no such key.
package struct EXPIRE: RedisCommand {
    package typealias Response = Bool
    package let key: String
    package let seconds: Int
    package init(_ key: String, seconds: Int) {
        self.key = key
        self.seconds = seconds
    }
    package var name: String { "EXPIRE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(seconds)
    }
}

/// PEXPIRE: false when there is no such key.
package struct PEXPIRE: RedisCommand {
    package typealias Response = Bool
    package let key: String
    package let milliseconds: Int
    package init(_ key: String, milliseconds: Int) {
        self.key = key
        self.milliseconds = milliseconds
    }
    package var name: String { "PEXPIRE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(milliseconds)
    }
}

/// What TTL answers.
package enum TimeToLive: Sendable, Equatable {
    case noSuchKey
    case unlimited
    case seconds(Int)
}

/// TTL: the seconds a key has left.
package struct TTL: RedisCommand {
    package typealias Response = TimeToLive
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "TTL" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
    package func decode(_ reply: RESPValue) throws(RedisError) -> TimeToLive {
        switch try reply.as(Int.self) {
        case -2: .noSuchKey
        case -1: .unlimited
        case let seconds: .seconds(seconds)
        }
    }
}

/// TYPE: `string`, `hash`, `stream`, … or `none` when there is no such key.
package struct TYPE: RedisCommand {
    package typealias Response = String
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "TYPE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}

/// RENAME: moves a key over another one; fails when there is no such key.
package struct RENAME: RedisCommand {
    package typealias Response = Void
    package let key: String
    package let newKey: String
    package init(_ key: String, to newKey: String) {
        self.key = key
        self.newKey = newKey
    }
    package var name: String { "RENAME" }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(newKey)
    }
}

/// SCAN: one page of key names. Start with cursor "0" and stop when the answer's cursor is "0" again.
package struct SCAN: RedisCommand {
    package typealias Response = (cursor: String, keys: [String])
    package let cursor: String
    package let pattern: String?
    package let count: Int?
    package let type: String?

    package init(cursor: String = "0", pattern: String? = nil, count: Int? = nil, type: String? = nil) {
        self.cursor = cursor
        self.pattern = pattern
        self.count = count
        self.type = type
    }

    package var name: String { "SCAN" }
    package var isIdempotent: Bool { true }

    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(cursor)
        if let pattern { encoder.write(contentsOf: ["MATCH", pattern]) }
        if let count { encoder.write(contentsOf: ["COUNT", .integer(count)]) }
        if let type { encoder.write(contentsOf: ["TYPE", type]) }
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> (cursor: String, keys: [String]) {
        let parts = try reply.elements(atLeast: 2)
        return (try parts[0].as(String.self), try parts[1].as([String].self))
    }
}
