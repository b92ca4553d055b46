// XINFO: what Redis knows about a stream, its groups and their consumers.

import NIOCore

/// The named values of one XINFO answer.
private struct InfoFields {
    private var values: [String: RESPValue] = [:]

    init(_ reply: RESPValue) throws(RedisError) {
        for (field, value) in try reply.pairs() { values[String(buffer: field)] = value }
    }

    func value<Value: RESPDecodable>(_ name: String) throws(RedisError) -> Value {
        try (values[name] ?? .null).as(Value.self)
    }
}

/// XINFO GROUPS: the groups of a stream; fails when there is no such stream.
package struct XINFOGROUPS: RedisCommand {
    /// One group.
    package struct Group: Sendable, Equatable {
        package let name: String
        package let consumerCount: Int
        package let pendingCount: Int
        package let lastDeliveredID: String
        /// Entries ever delivered to the group; nil when Redis cannot tell.
        package let entriesRead: Int?
        /// Entries the group has yet to read; nil when Redis cannot tell.
        package let lag: Int?
    }

    package typealias Response = [Group]
    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "XINFO GROUPS" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [Group] {
        var groups: [Group] = []
        for group in try reply.elements() {
            let fields = try InfoFields(group)
            groups.append(
                Group(
                    name: try fields.value("name"), consumerCount: try fields.value("consumers"),
                    pendingCount: try fields.value("pending"),
                    lastDeliveredID: try fields.value("last-delivered-id"),
                    entriesRead: try fields.value("entries-read"), lag: try fields.value("lag")))
        }
        return groups
    }
}

/// XINFO CONSUMERS: the consumers of a group.
package struct XINFOCONSUMERS: RedisCommand {
    /// One consumer.
    package struct Consumer: Sendable, Equatable {
        package let name: String
        package let pendingCount: Int
        /// Milliseconds since it last asked for entries.
        package let idleMs: Int
    }

    package typealias Response = [Consumer]
    package let key: String
    package let group: String
    package init(_ key: String, group: String) {
        self.key = key
        self.group = group
    }
    package var name: String { "XINFO CONSUMERS" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) {
        encoder.write(key)
        encoder.write(group)
    }

    package func decode(_ reply: RESPValue) throws(RedisError) -> [Consumer] {
        var consumers: [Consumer] = []
        for consumer in try reply.elements() {
            let fields = try InfoFields(consumer)
            consumers.append(
                Consumer(
                    name: try fields.value("name"), pendingCount: try fields.value("pending"),
                    idleMs: try fields.value("idle")))
        }
        return consumers
    }
}

/// XINFO STREAM: the stream as a whole.
package struct XINFOSTREAM: RedisCommand {
    package struct Response: Sendable, Equatable {
        /// Entries in the stream.
        package let length: Int
        package let lastGeneratedID: String
        package let highestDeletedID: String
        /// Entries ever added.
        package let entriesAdded: Int
        package let groupCount: Int
        package let firstEntry: StreamEntry?
        package let lastEntry: StreamEntry?
    }

    package let key: String
    package init(_ key: String) { self.key = key }
    package var name: String { "XINFO STREAM" }
    package var isIdempotent: Bool { true }
    package func encode(into encoder: inout CommandEncoder) { encoder.write(key) }

    package func decode(_ reply: RESPValue) throws(RedisError) -> Response {
        let fields = try InfoFields(reply)
        return Response(
            length: try fields.value("length"), lastGeneratedID: try fields.value("last-generated-id"),
            highestDeletedID: try fields.value("max-deleted-entry-id"),
            entriesAdded: try fields.value("entries-added"), groupCount: try fields.value("groups"),
            firstEntry: try fields.value("first-entry"), lastEntry: try fields.value("last-entry"))
    }
}
