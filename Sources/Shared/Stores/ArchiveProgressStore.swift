// How far the archive is with each event stream: the position of its consumer group, and the plan of the file that is
// being written. The group is used as a position and not as a queue: nothing is pending, however long S3 is away.

package import Models
package import NIOCore
import Redis

/// A stream entry as it stands, before anything is made of it.
package struct RawEntry: Sendable {
    /// Its id.
    package let id: StreamID
    /// Its fields in their order; names may repeat, and bytes may be no text.
    package let fields: [(name: ByteBuffer, value: ByteBuffer)]

    package init(id: StreamID, fields: [(name: ByteBuffer, value: ByteBuffer)]) {
        self.id = id
        self.fields = fields
    }
}

/// What the archive has yet to take from the event streams.
package struct ArchiveBacklog: Sendable, Equatable {
    /// Entries of all streams that no committed file holds; nil where Redis has lost count of them.
    package let entries: Int?
    /// The oldest of them; nil if there are none.
    package let oldest: StreamID?
}

/// Reads the event streams for the archive and keeps its place.
package struct ArchiveProgressStore: Sendable {
    /// Number of streams.
    package let partitions: Int
    private let client: RedisClient
    private let group = ConsumerGroup.archive.rawValue

    init(client: RedisClient, partitions: Int) {
        self.client = client
        self.partitions = partitions
    }

    private func key(_ partition: Int) -> String { Keys.events(partition: partition, of: partitions) }

    /// Behind which entry the archive goes on. A group that is not there yet starts with the oldest entry.
    package func position(_ partition: Int) async throws -> StreamID {
        try await StoreError.mapping {
            try await client.createGroup(group, on: key(partition))
            let groups = try await client.send(XINFOGROUPS(key(partition)))
            guard let text = groups.first(where: { $0.name == group })?.lastDeliveredID, let id = StreamID(text) else {
                throw StoreError(.conflict, "the consumer group \(group) is gone again", isRetriable: true)
            }
            return id
        }
    }

    /// What no committed file holds yet, those entries included that an archiver has in memory. Changes nothing.
    /// - Throws: a conflict while a stream or its group is not there yet.
    package func backlog(deadlineMs: Int) async throws -> ArchiveBacklog {
        try await StoreError.mapping {
            var count: Int? = 0
            var oldest: StreamID?
            for partition in 0..<partitions {
                let groups = try await client.send(XINFOGROUPS(key(partition)), deadlineMs: deadlineMs)
                guard let info = groups.first(where: { $0.name == group }) else {
                    throw StoreError(.conflict, "\(key(partition)) has no consumer group \(group)", isRetriable: true)
                }
                if let sum = count, let lag = info.lag { count = sum + lag } else { count = nil }
                guard info.lag != 0 else { continue }
                let next = try await client.send(
                    XRANGE(key(partition), from: "(\(info.lastDeliveredID)", count: 1), deadlineMs: deadlineMs)
                if let id = next.first.flatMap({ StreamID($0.id) }) { oldest = min(oldest ?? id, id) }
            }
            return ArchiveBacklog(entries: count, oldest: oldest)
        }
    }

    /// Up to `countMax` entries behind `id`, oldest first.
    package func entries(_ partition: Int, after id: StreamID, countMax: Int) async throws -> [RawEntry] {
        try await read(partition, XRANGE(key(partition), from: "(\(id)", count: countMax))
    }

    /// Up to `countMax` entries of a planned file, from `id` on, oldest first.
    package func entries(of file: ArchivedFile, from id: StreamID, countMax: Int) async throws -> [RawEntry] {
        try await read(
            file.partition,
            XRANGE(key(file.partition), from: id.description, through: file.last.description, count: countMax))
    }

    private func read(_ partition: Int, _ range: XRANGE) async throws -> [RawEntry] {
        try await StoreError.mapping {
            try await client.send(range).compactMap { entry in
                StreamID(entry.id).map { id in
                    RawEntry(id: id, fields: entry.fields.map { (name: $0.name, value: $0.value) })
                }
            }
        }
    }

    /// The file that is being written; nil if none is.
    package func planned(_ partition: Int) async throws -> ArchivedFile? {
        try await StoreError.mapping {
            guard let text = try await client.send(GET(Keys.archivePlan(partition))) else { return nil }
            return try Self.file(String(buffer: text), partition)
        }
    }

    /// Plans a file that begins behind `position`; the one that counts, which may be an earlier one. Nil if the archive
    /// has moved on meanwhile.
    package func plan(_ file: ArchivedFile, behind position: StreamID) async throws -> ArchivedFile? {
        let call = FCALL(
            "archive_plan", keys: [key(file.partition), Keys.archivePlan(file.partition)],
            arguments: [.string(group), .string(position.description), .string(Self.text(file))], isIdempotent: true)
        return try await StoreError.mapping {
            let reply = try await client.send(call)
            return try reply == .null ? nil : Self.file(try reply.as(String.self), file.partition)
        }
    }

    /// The planned file is in the archive: moves the position behind it. False if the plan was another one by now.
    @discardableResult
    package func commit(_ file: ArchivedFile) async throws -> Bool {
        let call = FCALL(
            "archive_commit", keys: [key(file.partition), Keys.archivePlan(file.partition)],
            arguments: [
                .string(group), .string(Self.text(file)), .string(file.last.description), .integer(file.count),
            ], isIdempotent: true)
        return try await StoreError.mapping { try await client.send(call) == .integer(1) }
    }

    /// Gives up a plan whose entries are not on the stream any more.
    package func abandon(_ file: ArchivedFile) async throws {
        let call = FCALL(
            "archive_abandon", keys: [Keys.archivePlan(file.partition)], arguments: [.string(Self.text(file))],
            isIdempotent: true)
        try await StoreError.mapping { _ = try await client.send(call) }
    }

    private static func text(_ file: ArchivedFile) -> String { "\(file.first) \(file.last) \(file.count)" }

    private static func file(_ text: String, _ partition: Int) throws -> ArchivedFile {
        let words = text.split(separator: " ")
        guard words.count == 3, let first = StreamID(words[0]), let last = StreamID(words[1]), let count = Int(words[2])
        else {
            throw StoreError(.corrupted, "\(Keys.archivePlan(partition)) reads \"\(text)\"; delete it")
        }
        return ArchivedFile(partition: partition, first: first, last: last, count: count)
    }
}
