// An entry of the event stream before it is understood: an id and text fields, as anybody may have written them.

package import Models
import NIOCore

/// A stream entry as it was read.
package struct EventEntry: Sendable, Hashable {
    /// Which stream it stands on, 0 if there is one only.
    package let partition: Int
    /// Its id.
    package let id: StreamID
    /// Its fields in their order. Bytes that are no UTF-8 have become replacement characters.
    package let fields: [(name: String, value: String)]
    /// Whether some field was no UTF-8 text.
    package let isBinary: Bool

    package init(partition: Int, id: StreamID, fields: [(name: String, value: String)], isBinary: Bool = false) {
        self.partition = partition
        self.id = id
        self.fields = fields
        self.isBinary = isBinary
    }

    /// The value of a field; of the first if it is there twice.
    package func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    package static func == (left: EventEntry, right: EventEntry) -> Bool {
        left.partition == right.partition && left.id == right.id
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(partition)
        hasher.combine(id)
    }
}

/// Which of several streams a user's events stand on.
package enum EventPartition {
    /// FNV-1a over the user id's bytes, modulo the number of streams; stable across builds and languages.
    package static func of(_ user: UserID, partitions: Int) -> Int {
        guard partitions > 1 else { return 0 }
        return Int(FNV1a.hash(user.text.utf8) % UInt64(partitions))
    }
}

/// How far a consumer group is with one stream.
package struct GroupProgress: Sendable, Hashable {
    /// Which stream.
    package let partition: Int
    /// The group.
    package let group: String
    /// The last entry that was handed to one of its consumers.
    package let lastDelivered: StreamID
    /// Entries handed out and not acknowledged.
    package let pending: Int
    /// Entries not handed out yet; nil if Redis cannot tell.
    package let lag: Int?

    package init(partition: Int, group: String, lastDelivered: StreamID, pending: Int, lag: Int?) {
        self.partition = partition
        self.group = group
        self.lastDelivered = lastDelivered
        self.pending = pending
        self.lag = lag
    }
}
