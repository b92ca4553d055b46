// Commands on streams that do not concern consumer groups.

/// XADD: the id of the new entry; nil when `createsStream` is false and there is no such stream.
package struct XADD: RedisCommand {
    package typealias Response = String?

    /// Keeps the stream short while adding.
    package enum Trim: Sendable {
        /// About this many entries stay: Redis removes whole nodes only, which is cheap.
        case approximateLength(Int)
        /// Exactly this many entries stay.
        case length(Int)
    }

    package let key: String
    package let id: String
    package let fields: [(field: String, value: RedisArgument)]
    package let trim: Trim?
    package let createsStream: Bool

    package init(
        _ key: String, id: String = "*", fields: [(field: String, value: RedisArgument)], trim: Trim? = nil,
        createsStream: Bool = true
    ) {
        self.key = key
        self.id = id
        self.fields = fields
        self.trim = trim
        self.createsStream = createsStream
    }

    package var name: String { "XADD" }

    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        if !createsStream { encoder.write("NOMKSTREAM") }
        switch trim {
        case .approximateLength(let count): encoder.write(contentsOf: ["MAXLEN", "~", .integer(count)])
        case .length(let count): encoder.write(contentsOf: ["MAXLEN", .integer(count)])
        case nil: break
        }
        encoder.write(id)
        for (field, value) in fields {
            encoder.write(field)
            encoder.write(value)
        }
    }
}

/// XLEN: the number of entries.
package struct XLEN: RedisCommand {
    package typealias Response = Int
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "XLEN" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }
}

/// XTRIM MINID: removes the entries with lower ids; answers how many. `isApproximate` removes whole nodes only.
package struct XTRIM: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let lowestID: String
    package let isApproximate: Bool
    package init(_ key: String, lowestID: String, isApproximate: Bool = false) {
        self.key = key
        self.lowestID = lowestID
        self.isApproximate = isApproximate
    }
    package var name: String { "XTRIM" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write("MINID")
        if isApproximate { encoder.write("~") }
        encoder.write(lowestID)
    }
}

/// XRANGE: entries between two ids, oldest first; `-` and `+` are the ends, `(` in front of an id excludes it.
package struct XRANGE: RedisCommand {
    package typealias Response = [StreamEntry]
    package let key: String
    package let start: String
    package let end: String
    package let count: Int?
    package init(_ key: String, from start: String = "-", through end: String = "+", count: Int? = nil) {
        self.key = key
        self.start = start
        self.end = end
        self.count = count
    }
    package var name: String { "XRANGE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: [key, start, end])
        if let count { encoder.write(contentsOf: ["COUNT", .integer(count)]) }
    }
}

/// XREVRANGE: entries between two ids, newest first.
package struct XREVRANGE: RedisCommand {
    package typealias Response = [StreamEntry]
    package let key: String
    package let end: String
    package let start: String
    package let count: Int?
    package init(_ key: String, from end: String = "+", downThrough start: String = "-", count: Int? = nil) {
        self.key = key
        self.end = end
        self.start = start
        self.count = count
    }
    package var name: String { "XREVRANGE" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: [key, end, start])
        if let count { encoder.write(contentsOf: ["COUNT", .integer(count)]) }
    }
}

/// XDEL: how many of the entries existed.
package struct XDEL: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let ids: [String]
    package init(_ key: String, _ ids: [String]) {
        self.key = key
        self.ids = ids
    }
    package var name: String { "XDEL" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(contentsOf: ids)
    }
}
