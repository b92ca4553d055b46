// Redis as `freshet doctor` looks at it: the server's own figures, our functions, the groups' state. Reads only.

package import Models
import NIOCore
import Redis

/// What the server says about itself.
package struct ServerFacts: Sendable {
    /// INFO, by name.
    package let figures: [String: String]
    /// The server's clock, Unix ms.
    package let clockMs: Int64
    /// Our function libraries that the server has in this build's text, in another one, and not at all.
    package let functionsCurrent: [String]
    package let functionsOther: [String]
    package let functionsMissing: [String]

    /// A figure as a number; 0 if the server does not say.
    package func number(_ name: String) -> Int { figures[name].flatMap { Int($0) } ?? 0 }
}

/// A consumer group on one stream.
package struct GroupFacts: Sendable {
    package let partition: Int
    package let group: ConsumerGroup
    /// Whether the stream has entries or once had.
    package let hasStream: Bool
    /// Where the group is; nil if it does not exist.
    package let progress: GroupProgress?
    /// The oldest entry that was handed out and not acknowledged.
    package let oldestPending: StreamID?
}

/// Looks at Redis.
package struct RedisInspection: Sendable {
    private let client: RedisClient
    private let partitions: Int

    package init(_ stores: RedisStores) {
        client = stores.client
        partitions = stores.events.partitions
    }

    /// The server's figures, clock and functions.
    package func server() async throws -> ServerFacts {
        try await StoreError.mapping {
            let figures = try await client.send(INFO("all"))
            let clock = try await client.send(TIME())
            let loaded = try await loadedFunctions()
            let ours = RedisStores.functionLibraries
            return ServerFacts(
                figures: figures, clockMs: Int64(clock / 1000),
                functionsCurrent: ours.filter { loaded[$0.name] == $0.source }.map(\.name),
                functionsOther: ours.filter { loaded[$0.name] != nil && loaded[$0.name] != $0.source }.map(\.name),
                functionsMissing: ours.filter { loaded[$0.name] == nil }.map(\.name))
        }
    }

    /// Every group on every stream.
    package func groups() async throws -> [GroupFacts] {
        try await StoreError.mapping {
            var facts: [GroupFacts] = []
            for partition in 0..<partitions {
                let key = Keys.events(partition: partition, of: partitions)
                let hasStream = try await client.send(EXISTS([key])) > 0
                let groups = try await hasStream ? client.send(XINFOGROUPS(key)) : []
                for group in ConsumerGroup.allCases {
                    guard let info = groups.first(where: { $0.name == group.rawValue }) else {
                        facts.append(
                            GroupFacts(
                                partition: partition, group: group, hasStream: hasStream, progress: nil,
                                oldestPending: nil))
                        continue
                    }
                    let pending = try await client.send(XPENDING(key, group: group.rawValue))
                    facts.append(
                        GroupFacts(
                            partition: partition, group: group, hasStream: true,
                            progress: GroupProgress(
                                partition: partition, group: info.name,
                                lastDelivered: StreamID(info.lastDeliveredID) ?? .zero, pending: info.pendingCount,
                                lag: info.lag),
                            oldestPending: pending.lowestID.flatMap { StreamID($0) }))
                }
            }
            return facts
        }
    }

    /// How many entries are in quarantine.
    package func quarantineLength() async throws -> Int {
        try await StoreError.mapping { try await client.send(XLEN(Keys.quarantine)) }
    }

    /// How many keys there are.
    func keyCount() async throws -> Int { try await StoreError.mapping { try await client.send(DBSIZE()) } }

    /// One page of the key space.
    func page(_ cursor: String, count: Int) async throws -> (cursor: String, keys: [String]) {
        try await StoreError.mapping { try await client.send(SCAN(cursor: cursor, count: count)) }
    }

    /// Which of these keys have no TTL.
    func areEndless(_ keys: [String]) async throws -> [Bool] {
        try await StoreError.mapping {
            try await client.pipelineResults(keys.map { TTL($0) }).map { try $0.get() == .unlimited }
        }
    }

    /// The generations that somebody will remove one day.
    func knownGenerations() async throws -> Set<Int> {
        try await StoreError.mapping {
            Set(
                try await client.send(ZRANGE(Keys.generationIndex, 0, -1)).compactMap { Int(String(buffer: $0)) })
        }
    }

    /// The text of each function library on the server, by its name.
    private func loadedFunctions() async throws -> [String: String] {
        var loaded: [String: String] = [:]
        let reply = try await client.send(RawCommand("FUNCTION LIST", ["WITHCODE"], isIdempotent: true))
        for library in try reply.elements() {
            var name = ""
            var source = ""
            for (field, value) in try library.pairs() {
                switch String(buffer: field) {
                case "library_name": name = try value.as()
                case "library_code": source = try value.as()
                default: continue
                }
            }
            loaded[name] = source
        }
        return loaded
    }
}
