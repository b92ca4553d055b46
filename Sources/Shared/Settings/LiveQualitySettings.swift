// What the gateway, which remembers lists, and the features consumer, which scores them, must agree on.

package import Models

/// Whose lists are remembered, and for how long.
package struct LiveQualitySettings: Sendable, Equatable {
    /// `LIVE_QUALITY_SHARE`: the share of users whose lists are remembered and scored, 0...1 (0.02); 0 switches it off.
    package let sample: UserSample
    /// `LIVE_QUALITY_TTL_SECONDS`: for how long after it was served a list counts, 10...86400 (1800).
    package let listSeconds: Int

    package init(share: Double = 0.02, listSeconds: Int = 1800) {
        sample = UserSample(share: share)
        self.listSeconds = listSeconds
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        self.init(
            share: try reader.number("LIVE_QUALITY_SHARE", default: 0.02, in: 0...1),
            listSeconds: try reader.integer("LIVE_QUALITY_TTL_SECONDS", default: 1800, in: 10...86_400))
    }

    /// Whether any user is sampled.
    package var isOn: Bool { sample.share > 0 }
}
