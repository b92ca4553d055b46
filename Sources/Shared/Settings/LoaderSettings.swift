// Settings of the loader.

/// How releases become generations, and how long these stay.
package struct LoaderSettings: Sendable {
    /// `LOADER_HOST`, `LOADER_PORT` (8093): where health and metrics are served.
    package let http: HTTPSettings
    /// `KEEP_GENERATIONS`: how many earlier generations stay loaded for a rollback, 1...20 (2).
    package let generationsKept: Int
    /// `RETIRE_GRACE_SECONDS`: how long a superseded generation stays at least, for readers that have not heard yet, 0...86400 (60).
    package let retireGraceMs: Int64
    /// `RETIRE_KEYS_PER_SECOND`: the pace at which old generations are removed, 100...1000000 (20000).
    package let retireKeysPerSecond: Int
    /// `LOADER_POLL_MS`: how often the truth is read although no bell rang, 100...3600000 (2000).
    package let pollMs: Int
    /// When a release may become live, and when it is taken back.
    package let gate: GateSettings

    package init(
        http: HTTPSettings = HTTPSettings(port: 8093), generationsKept: Int = 2, retireGraceMs: Int64 = 60_000,
        retireKeysPerSecond: Int = 20_000, pollMs: Int = 2000, gate: GateSettings = GateSettings()
    ) {
        self.http = http
        self.generationsKept = generationsKept
        self.retireGraceMs = retireGraceMs
        self.retireKeysPerSecond = retireKeysPerSecond
        self.pollMs = pollMs
        self.gate = gate
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        self.init(
            http: try HTTPSettings(reader, role: "LOADER", defaultPort: 8093),
            generationsKept: try reader.integer("KEEP_GENERATIONS", default: 2, in: 1...20),
            retireGraceMs: Int64(try reader.integer("RETIRE_GRACE_SECONDS", default: 60, in: 0...86_400)) * 1000,
            retireKeysPerSecond: try reader.integer("RETIRE_KEYS_PER_SECOND", default: 20_000, in: 100...1_000_000),
            pollMs: try reader.integer("LOADER_POLL_MS", default: 2000, in: 100...3_600_000),
            gate: try GateSettings(reader))
    }
}
