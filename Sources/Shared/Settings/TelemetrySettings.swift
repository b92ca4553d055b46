// Settings of what a role tells about itself.

/// What is noted about requests.
package struct TelemetrySettings: Sendable {
    /// `SLOW_REQUEST_MS`: requests that take at least so long are logged with where the time went, 0...3600000 (250);
    /// nil, as 0, logs none.
    package let slowRequestMs: Int?
    /// `SERVER_TIMING`: whether responses say in the header `Server-Timing` where the time went (off).
    package let showsTiming: Bool

    package init(slowRequestMs: Int? = 250, showsTiming: Bool = false) {
        self.slowRequestMs = slowRequestMs
        self.showsTiming = showsTiming
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        let slowRequestMs = try reader.integer("SLOW_REQUEST_MS", default: 250, in: 0...3_600_000)
        self.init(
            slowRequestMs: slowRequestMs > 0 ? slowRequestMs : nil,
            showsTiming: try reader.flag("SERVER_TIMING", default: false))
    }
}
