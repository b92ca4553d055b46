// Settings of the archiver.

/// When a file of the event archive is closed.
package struct ArchiverSettings: Sendable {
    /// `ARCHIVE_HOST`, `ARCHIVE_PORT` (8094): where health and metrics are served.
    package let http: HTTPSettings
    /// `ARCHIVE_FILE_BYTES`: how much text a file holds, uncompressed, 65536...1073741824 (67108864). For each stream so much is held
    /// in memory at most, usually a tenth of it.
    package let fileBytesMax: Int
    /// `ARCHIVE_FILE_SECONDS`: how old a file's first event becomes before the file is closed, 1...86400 (900).
    package let fileAgeMsMax: Int64
    /// `ARCHIVE_POLL_MS`: how often the stream is looked at while nothing comes, 10...60000 (1000).
    package let pollMs: Int

    package init(
        http: HTTPSettings = HTTPSettings(port: 8094), fileBytesMax: Int = 67_108_864, fileAgeMsMax: Int64 = 900_000,
        pollMs: Int = 1000
    ) {
        self.http = http
        self.fileBytesMax = fileBytesMax
        self.fileAgeMsMax = fileAgeMsMax
        self.pollMs = pollMs
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        self.init(
            http: try HTTPSettings(reader, role: "ARCHIVE", defaultPort: 8094),
            fileBytesMax: try reader.integer("ARCHIVE_FILE_BYTES", default: 67_108_864, in: 65_536...1_073_741_824),
            fileAgeMsMax: Int64(try reader.integer("ARCHIVE_FILE_SECONDS", default: 900, in: 1...86_400)) * 1000,
            pollMs: try reader.integer("ARCHIVE_POLL_MS", default: 1000, in: 10...60_000))
    }
}
