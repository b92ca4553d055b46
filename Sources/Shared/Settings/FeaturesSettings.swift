// Settings of the features consumer.

/// How the features consumer reads events and keeps the online state.
package struct FeaturesSettings: Sendable {
    /// `FEATURES_HOST`, `FEATURES_PORT` (8091).
    package let http: HTTPSettings
    /// `ONLINE_ITEMS_MAX`: touched items kept for a user, 1...100 (10).
    package let onlineItemsMax: Int
    /// `ONLINE_TTL_DAYS`: how long a silent user's state is kept, 1...3650 (30).
    package let onlineTTLSeconds: Int
    /// `FEATURES_BATCH_COUNT`: entries read at once, 1...10000 (256).
    package let batchCountMax: Int
    /// `FEATURES_CLAIM_IDLE_MS`: after how long another consumer's unacknowledged entry is taken over, 100...3600000 (5000).
    package let claimIdleMs: Int
    /// `FEATURES_DELIVERIES_MAX`: after how many deliveries an entry goes to quarantine, 2...100 (5).
    package let deliveriesMax: Int
    /// Whose events are held against the lists that they had got.
    package let quality: LiveQualitySettings

    package init(
        http: HTTPSettings = HTTPSettings(port: 8091), onlineItemsMax: Int = 10, onlineTTLSeconds: Int = 30 * 86_400,
        batchCountMax: Int = 256, claimIdleMs: Int = 5000, deliveriesMax: Int = 5,
        quality: LiveQualitySettings = LiveQualitySettings()
    ) {
        self.http = http
        self.onlineItemsMax = onlineItemsMax
        self.onlineTTLSeconds = onlineTTLSeconds
        self.batchCountMax = batchCountMax
        self.claimIdleMs = claimIdleMs
        self.deliveriesMax = deliveriesMax
        self.quality = quality
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        self.init(
            http: try HTTPSettings(reader, role: "FEATURES", defaultPort: 8091),
            onlineItemsMax: try reader.integer("ONLINE_ITEMS_MAX", default: 10, in: 1...100),
            onlineTTLSeconds: try reader.integer("ONLINE_TTL_DAYS", default: 30, in: 1...3650) * 86_400,
            batchCountMax: try reader.integer("FEATURES_BATCH_COUNT", default: 256, in: 1...10_000),
            claimIdleMs: try reader.integer("FEATURES_CLAIM_IDLE_MS", default: 5000, in: 100...3_600_000),
            deliveriesMax: try reader.integer("FEATURES_DELIVERIES_MAX", default: 5, in: 2...100),
            quality: try LiveQualitySettings(reader))
    }
}
