// Commands of consumer groups: creating them, reading, acknowledging, and taking over what others left.

/// XGROUP CREATE: fails with `busyGroup` when the group exists, which a starting consumer takes for success.
package struct XGROUPCREATE: RedisCommand {
    package typealias Response = Void
    package let key: String
    package let group: String
    package let startID: String
    package let createsStream: Bool
    /// A group that reads behind `startID`: `0` is the stream's beginning, `$` its present end.
    package init(_ key: String, group: String, startID: String = "0", createsStream: Bool = true) {
        self.key = key
        self.group = group
        self.startID = startID
        self.createsStream = createsStream
    }
    package var name: String { "XGROUP CREATE" }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: [key, group, startID])
        if createsStream { encoder.write("MKSTREAM") }
    }
}

/// XGROUP SETID: moves the group's position, for a replay.
package struct XGROUPSETID: RedisCommand {
    package typealias Response = Void
    package let key: String
    package let group: String
    package let id: String
    package init(_ key: String, group: String, id: String) {
        self.key = key
        self.group = group
        self.id = id
    }
    package var name: String { "XGROUP SETID" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(contentsOf: [key, group, id]) }
}

/// XGROUP DELCONSUMER: how many pending entries the consumer had; they are lost to the group.
package struct XGROUPDELCONSUMER: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let group: String
    package let consumer: String
    package init(_ key: String, group: String, consumer: String) {
        self.key = key
        self.group = group
        self.consumer = consumer
    }
    package var name: String { "XGROUP DELCONSUMER" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(contentsOf: [key, group, consumer]) }
}

/// XREADGROUP: entries for one consumer; empty when the time ran out. With `blockMs` it needs a dedicated connection.
package struct XREADGROUP: RedisCommand {
    package typealias Response = [(stream: String, entries: [StreamEntry])]
    package let group: String
    package let consumer: String
    package let streams: [(key: String, id: String)]
    package let count: Int
    package let blockMs: Int?

    /// Reads at most `count` entries a stream. The id `>` asks for entries never delivered, any other id for this
    /// consumer's own pending ones behind it. A block time below 1 ms is taken as 1, since 0 would block for ever.
    package init(
        group: String, consumer: String, streams: [(key: String, id: String)], count: Int, blockMs: Int? = nil
    ) {
        self.group = group
        self.consumer = consumer
        self.streams = streams
        self.count = count
        self.blockMs = blockMs.map { max(1, $0) }
    }

    package var name: String { "XREADGROUP" }

    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: ["GROUP", group, consumer])
        encoder.write(contentsOf: ["COUNT", .integer(count)])
        if let blockMs { encoder.write(contentsOf: ["BLOCK", .integer(blockMs)]) }
        encoder.write("STREAMS")
        for stream in streams { encoder.write(stream.key) }
        for stream in streams { encoder.write(stream.id) }
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [(stream: String, entries: [StreamEntry])] {
        if case .null = reply { return [] }
        var streams: [(stream: String, entries: [StreamEntry])] = []
        for stream in try reply.elements() {
            let parts = try stream.elements(atLeast: 2)
            streams.append((try parts[0].as(), try parts[1].as()))
        }
        return streams
    }
}

/// XACK: how many of the entries were pending.
package struct XACK: RedisCommand {
    package typealias Response = Int
    package let key: String
    package let group: String
    package let ids: [String]
    package init(_ key: String, group: String, ids: [String]) {
        self.key = key
        self.group = group
        self.ids = ids
    }
    package var name: String { "XACK" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(group)
        encoder.write(contentsOf: ids)
    }
}

/// XAUTOCLAIM: takes over entries that others left pending. Follow the cursor until it is `0-0`: one call looks at no
/// more than ten times `count` entries.
package struct XAUTOCLAIM: RedisCommand {
    package struct Response: Sendable {
        /// Where the next call starts, `0-0` at the end.
        package let cursor: String
        /// The entries that now belong to the consumer.
        package let entries: [StreamEntry]
        /// Ids that were pending but no longer in the stream: trimmed before anyone handled them.
        package let deletedIDs: [String]
    }

    package let key: String
    package let group: String
    package let consumer: String
    package let idleMsMin: Int
    package let cursor: String
    package let count: Int

    package init(
        _ key: String, group: String, consumer: String, idleMsMin: Int, cursor: String = "0-0", count: Int
    ) {
        self.key = key
        self.group = group
        self.consumer = consumer
        self.idleMsMin = idleMsMin
        self.cursor = cursor
        self.count = count
    }

    package var name: String { "XAUTOCLAIM" }

    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: [key, group, consumer])
        encoder.write(idleMsMin)
        encoder.write(cursor)
        encoder.write(contentsOf: ["COUNT", .integer(count)])
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> Response {
        let parts = try reply.elements(atLeast: 3)
        return Response(cursor: try parts[0].as(), entries: try parts[1].as(), deletedIDs: try parts[2].as())
    }
}
