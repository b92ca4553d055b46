// Settings of the HTTP ingest.

/// How the ingest takes events.
package struct IngestSettings: Sendable {
    /// `INGEST_HOST`, `INGEST_PORT` (8092).
    package let http: HTTPSettings
    /// `INGEST_BODY_BYTES_MAX`: the largest request body, 1024...104857600 (1048576).
    package let bodyBytesMax: Int
    /// `INGEST_BATCH_COUNT_MAX`: the most events in one request, 1...100000 (10000).
    package let batchCountMax: Int
    /// `INGEST_LAG_MAX`: how far consumers may fall behind before producers are asked to wait, 1...1000000000 (100000).
    package let lagCountMax: Int

    package init(
        http: HTTPSettings = HTTPSettings(port: 8092), bodyBytesMax: Int = 1_048_576, batchCountMax: Int = 10_000,
        lagCountMax: Int = 100_000
    ) {
        self.http = http
        self.bodyBytesMax = bodyBytesMax
        self.batchCountMax = batchCountMax
        self.lagCountMax = lagCountMax
    }

    package init(_ reader: SettingsReader) throws(SettingsError) {
        self.init(
            http: try HTTPSettings(reader, role: "INGEST", defaultPort: 8092),
            bodyBytesMax: try reader.integer("INGEST_BODY_BYTES_MAX", default: 1_048_576, in: 1024...104_857_600),
            batchCountMax: try reader.integer("INGEST_BATCH_COUNT_MAX", default: 10_000, in: 1...100_000),
            lagCountMax: try reader.integer("INGEST_LAG_MAX", default: 100_000, in: 1...1_000_000_000))
    }
}
