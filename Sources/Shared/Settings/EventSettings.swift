// What every producer and consumer of events must agree on.

package import Models

/// The event stream's shape.
package struct EventSettings: Sendable {
    /// `EVENT_PARTITIONS`: number of streams, 1...64 (1). Change it only while nothing is pending.
    package let partitions: Int
    /// `EVENT_TYPES`: accepted types with their weights (view=1,addtocart=2,transaction=3).
    package let types: EventTypes
    /// `EVENT_RETENTION_HOURS`: how long entries stay on the stream although everybody has read them, 0...8760 (168).
    package let retentionMs: Int64
    /// `EVENT_ARCHIVE`: whether an archiver belongs to this system, which the streams wait for even before it has started (on).
    package let isArchived: Bool

    package init(
        partitions: Int = 1, types: EventTypes = .standard, retentionMs: Int64 = 168 * 3_600_000,
        isArchived: Bool = true
    ) {
        self.partitions = partitions
        self.types = types
        self.retentionMs = retentionMs
        self.isArchived = isArchived
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        self.init(
            partitions: try reader.integer("EVENT_PARTITIONS", default: 1, in: 1...64),
            types: try reader.eventTypes("EVENT_TYPES", default: .standard),
            retentionMs: Int64(try reader.integer("EVENT_RETENTION_HOURS", default: 168, in: 0...8760)) * 3_600_000,
            isArchived: try reader.flag("EVENT_ARCHIVE", default: true))
    }
}
