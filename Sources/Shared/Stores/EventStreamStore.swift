// The event stream: how entries get on it, how a consumer group takes them off, and what happens to those it cannot use.

package import Models
import NIOCore
package import Redis

/// Appends to and reads from the event stream or streams.
package struct EventStreamStore: Sendable {
    /// About how many quarantined entries are kept.
    package static let quarantineCountMax = 100_000

    /// Number of streams; a user's events all stand on one of them.
    package let partitions: Int
    private let client: RedisClient

    package init(client: RedisClient, partitions: Int) {
        self.client = client
        self.partitions = partitions
    }

    private func key(_ partition: Int) -> String { Keys.events(partition: partition, of: partitions) }
    private var allPartitions: Range<Int> { 0..<partitions }

    /// Appends entries in one pipeline; the id of each, or why it is not on the stream. An id means that Redis has it.
    package func append(
        _ entries: [(user: UserID, fields: [(name: String, value: String)])]
    ) async -> [Result<StreamID, StoreError>] {
        let commands = entries.map { entry in
            XADD(
                key(EventPartition.of(entry.user, partitions: partitions)),
                fields: entry.fields.map { (field: $0.name, value: .string($0.value)) })
        }
        return await client.pipelineResults(commands).map { result in
            result.mapError(StoreError.init).flatMap { text in
                guard let id = text.flatMap({ StreamID($0) }) else {
                    return .failure(StoreError(.corrupted, "XADD answered no id"))
                }
                return .success(id)
            }
        }
    }

    /// Makes sure that a group exists on every stream. A new group starts with the oldest entry: nothing is skipped.
    package func createGroup(_ group: ConsumerGroup) async throws {
        for partition in allPartitions {
            try await StoreError.mapping { try await client.createGroup(group.rawValue, on: key(partition)) }
        }
    }

    /// Gives `body` a reader with a connection of its own, since a blocking read would hold up everybody else's commands.
    package func withReader<Value: Sendable>(
        group: ConsumerGroup, consumer: String, _ body: (EventStreamReader) async throws -> Value
    ) async throws -> Value {
        try await StoreError.mapping {
            try await client.withDedicatedConnection { connection in
                try await body(
                    EventStreamReader(
                        connection: connection, group: group, consumer: consumer, keys: allPartitions.map(key)))
            }
        }
    }

    /// Acknowledges entries: the group is done with them.
    package func acknowledge(_ entries: [EventEntry], group: ConsumerGroup) async throws {
        guard !entries.isEmpty else { return }
        let commands = Dictionary(grouping: entries, by: \.partition).map { partition, entries in
            XACK(key(partition), group: group.rawValue, ids: entries.map(\.id.description))
        }
        try await StoreError.mapping {
            for result in await client.pipelineResults(commands) { _ = try result.get() }
        }
    }

    /// Takes over up to `countMax` entries of each stream that some consumer was given and has not acknowledged for `idleMs`.
    package func claim(
        group: ConsumerGroup, consumer: String, idleMs: Int, countMax: Int
    ) async throws -> [EventEntry] {
        try await StoreError.mapping {
            var claimed: [EventEntry] = []
            for partition in allPartitions {
                var cursor = "0-0"
                // One call looks at ten times COUNT entries at most, so the cursor is followed to its end.
                repeat {
                    let reply = try await client.send(
                        XAUTOCLAIM(
                            key(partition), group: group.rawValue, consumer: consumer, idleMsMin: idleMs,
                            cursor: cursor,
                            count: countMax))
                    claimed += reply.entries.compactMap { EventEntry($0, partition: partition) }
                    cursor = reply.cursor
                } while cursor != "0-0" && claimed.count < countMax
            }
            return claimed
        }
    }

    /// How often each of these pending entries has been handed out.
    package func deliveryCounts(_ entries: [EventEntry], group: ConsumerGroup) async throws -> [Int] {
        let commands = entries.map { entry in
            let id = entry.id.description
            return XPENDINGRANGE(key(entry.partition), group: group.rawValue, from: id, through: id, count: 1)
        }
        return try await StoreError.mapping {
            try await client.pipelineResults(commands).map { try $0.get().first?.deliveryCount ?? 0 }
        }
    }

    /// Puts an entry aside with the reason, and acknowledges it, in one step.
    package func quarantine(_ entry: EventEntry, group: ConsumerGroup, reason: String) async throws {
        var arguments: [RedisArgument] = [
            .string(group.rawValue), .string(entry.id.description), .integer(Self.quarantineCountMax),
            "_reason", .string(reason), "_stream", .string(key(entry.partition)), "_id", .string(entry.id.description),
        ]
        for field in entry.fields { arguments += [.string(field.name), .string(field.value)] }
        let call = FCALL(
            "events_quarantine", keys: [key(entry.partition), Keys.quarantine], arguments: arguments, isIdempotent: true
        )
        try await StoreError.mapping { _ = try await client.send(call) }
    }

    /// How far the groups of every stream are.
    package func progress(deadlineMs: Int? = nil) async throws -> [GroupProgress] {
        try await StoreError.mapping {
            var progress: [GroupProgress] = []
            for partition in allPartitions {
                for group in try await client.send(XINFOGROUPS(key(partition)), deadlineMs: deadlineMs) {
                    progress.append(
                        GroupProgress(
                            partition: partition, group: group.name,
                            lastDelivered: StreamID(group.lastDeliveredID) ?? .zero, pending: group.pendingCount,
                            lag: group.lag))
                }
            }
            return progress
        }
    }

    /// Whether a group is done with a user's entry: it was handed out, and is not pending.
    package func isDone(
        _ id: StreamID, of user: UserID, group: ConsumerGroup, deadlineMs: Int? = nil
    ) async throws -> Bool {
        let key = key(EventPartition.of(user, partitions: partitions))
        let text = id.description
        return try await StoreError.mapping {
            let (groups, pending) = await client.pipelineResults(
                XINFOGROUPS(key),
                XPENDINGRANGE(key, group: group.rawValue, from: text, through: text, count: 1), deadlineMs: deadlineMs)
            let delivered = try groups.get().first { $0.name == group.rawValue }.flatMap {
                StreamID($0.lastDeliveredID)
            }
            return try (delivered ?? .zero) >= id && pending.get().isEmpty
        }
    }

    /// Removes entries that every group has acknowledged and that are older than `retentionMs`; how many.
    /// - Parameter awaited: Groups that the entries are for although they may not have come yet: each is made, at the
    ///   oldest entry, before anything is removed.
    package func trim(retentionMs: Int64, nowMs: Int64, awaited: [ConsumerGroup] = []) async throws -> Int {
        for group in awaited { try await createGroup(group) }
        return try await StoreError.mapping {
            var removed = 0
            for partition in allPartitions {
                let key = key(partition)
                var keepFrom = StreamID(milliseconds: UInt64(max(0, nowMs - retentionMs)), sequence: 0)
                for group in try await client.send(XINFOGROUPS(key)) {
                    let pending = try await client.send(XPENDING(key, group: group.name))
                    let delivered = StreamID(group.lastDeliveredID) ?? .zero
                    keepFrom = min(keepFrom, pending.lowestID.flatMap { StreamID($0) } ?? delivered)
                }
                removed += try await client.send(XTRIM(key, lowestID: keepFrom.description, isApproximate: true))
            }
            return removed
        }
    }

    /// Removes a group's consumers that have been silent for `idleMs` and hold nothing; how many.
    package func removeSilentConsumers(group: ConsumerGroup, idleMs: Int) async throws -> Int {
        try await StoreError.mapping {
            var removed = 0
            for partition in allPartitions {
                let consumers = try await client.send(XINFOCONSUMERS(key(partition), group: group.rawValue))
                for consumer in consumers where consumer.idleMs > idleMs && consumer.pendingCount == 0 {
                    _ = try await client.send(
                        XGROUPDELCONSUMER(key(partition), group: group.rawValue, consumer: consumer.name))
                    removed += 1
                }
            }
            return removed
        }
    }

    /// How many entries are in quarantine.
    package func quarantineCount(deadlineMs: Int? = nil) async throws -> Int {
        try await StoreError.mapping { try await client.send(XLEN(Keys.quarantine), deadlineMs: deadlineMs) }
    }

    /// The newest quarantined entries, newest first; their ids are those in quarantine.
    package func quarantined(countMax: Int) async throws -> [EventEntry] {
        try await StoreError.mapping {
            try await client.send(XREVRANGE(Keys.quarantine, count: countMax))
                .compactMap { EventEntry($0, partition: 0) }
        }
    }
}

extension RedisClient {
    /// Makes a consumer group that begins with the oldest entry, and the stream if need be; one that is there stays.
    func createGroup(_ group: String, on key: String) async throws(RedisError) {
        do { try await send(XGROUPCREATE(key, group: group)) } catch {
            guard error.code == .busyGroup else { throw error }
        }
    }
}
