// XPENDING in its two forms: the summary of a group and the list of its pending entries.

/// XPENDING key group: how much a group has read and not acknowledged.
package struct XPENDING: RedisCommand {
    package struct Response: Sendable {
        /// Pending entries of the whole group.
        package let count: Int
        /// The lowest and highest pending id; nil when nothing is pending.
        package let lowestID: String?
        package let highestID: String?
        /// Pending entries of each consumer that has some.
        package let consumers: [(name: String, count: Int)]
    }

    package let key: String
    package let group: String
    package init(_ key: String, group: String) {
        self.key = key
        self.group = group
    }
    package var name: String { "XPENDING" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(group)
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> Response {
        let parts = try reply.elements(atLeast: 4)
        var consumers: [(name: String, count: Int)] = []
        for consumer in try parts[3].as(Optional<[RESPValue]>.self) ?? [] {
            let pair = try consumer.elements(atLeast: 2)
            consumers.append((try pair[0].as(), try pair[1].as()))
        }
        return Response(
            count: try parts[0].as(), lowestID: try parts[1].as(), highestID: try parts[2].as(), consumers: consumers)
    }
}

/// XPENDING key group [IDLE ms] start end count [consumer]: pending entries one by one.
package struct XPENDINGRANGE: RedisCommand {
    /// One pending entry.
    package struct Entry: Sendable, Equatable {
        package let id: String
        package let consumer: String
        /// Milliseconds since the entry was last delivered.
        package let idleMs: Int
        package let deliveryCount: Int
    }

    package typealias Response = [Entry]
    package let key: String
    package let group: String
    package let start: String
    package let end: String
    package let count: Int
    package let idleMsMin: Int?
    package let consumer: String?

    package init(
        _ key: String, group: String, from start: String = "-", through end: String = "+", count: Int,
        idleMsMin: Int? = nil, consumer: String? = nil
    ) {
        self.key = key
        self.group = group
        self.start = start
        self.end = end
        self.count = count
        self.idleMsMin = idleMsMin
        self.consumer = consumer
    }

    package var name: String { "XPENDING" }
    package var isIdempotent: Bool { true }

    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(contentsOf: [key, group])
        if let idleMsMin { encoder.write(contentsOf: ["IDLE", .integer(idleMsMin)]) }
        encoder.write(contentsOf: [start, end])
        encoder.write(count)
        if let consumer { encoder.write(consumer) }
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [Entry] {
        var entries: [Entry] = []
        for entry in try reply.elements() {
            let parts = try entry.elements(atLeast: 4)
            entries.append(
                Entry(
                    id: try parts[0].as(), consumer: try parts[1].as(), idleMs: try parts[2].as(),
                    deliveryCount: try parts[3].as()))
        }
        return entries
    }
}
