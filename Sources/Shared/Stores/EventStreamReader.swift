// A consumer's blocking read.

import Models
import NIOCore
import Redis

/// Reads new entries of the event stream for one consumer of a group.
package struct EventStreamReader: Sendable {
    private let connection: RedisConnection
    private let group: ConsumerGroup
    private let consumer: String
    private let keys: [String]

    init(connection: RedisConnection, group: ConsumerGroup, consumer: String, keys: [String]) {
        self.connection = connection
        self.group = group
        self.consumer = consumer
        self.keys = keys
    }

    /// Waits up to `blockMs` for new entries; at most `countMax` of each stream, none if nothing came.
    package func read(countMax: Int, blockMs: Int) async throws -> [EventEntry] {
        try await StoreError.mapping {
            let replies = try await connection.send(
                XREADGROUP(
                    group: group.rawValue, consumer: consumer, streams: keys.map { (key: $0, id: ">") },
                    count: countMax, blockMs: blockMs))
            return replies.flatMap { stream, entries in
                let partition = keys.firstIndex(of: stream) ?? 0
                return entries.compactMap { EventEntry($0, partition: partition) }
            }
        }
    }
}

extension EventEntry {
    /// An entry as Redis answers it; nil only if its id is none.
    init?(_ entry: StreamEntry, partition: Int) {
        guard let id = StreamID(entry.id) else { return nil }
        var isBinary = false
        func text(_ buffer: ByteBuffer) -> String {
            // Validation fails on bytes that are no UTF-8; the replacement keeps what can be read for the quarantine.
            if let text = String(validating: buffer.readableBytesView, as: UTF8.self) { return text }
            isBinary = true
            return String(buffer: buffer)
        }
        let fields = entry.fields.map { (name: text($0.name), value: text($0.value)) }
        self.init(partition: partition, id: id, fields: fields, isBinary: isBinary)
    }
}
