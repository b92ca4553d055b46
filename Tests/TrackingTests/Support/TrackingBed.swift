// A tracker before a strange server: a real Redis for the lease, a folder as the object store.

import Fixtures
import Logging
import ObjectStore
import Settings
import Stores
import Synchronization
import Telemetry
import TestServers
import Testing

@testable import Tracking

/// Keeps what was logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Logs into ``LogLines``.
struct LinesLogHandler: LogHandler {
    let lines: LogLines
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.message) \(event.metadata ?? [:])") }
}

/// What a test needs to know.
struct TrackingBed {
    let tracker: Tracker
    let stores: TrainingStores
    let redis: RedisStores
    let objects: any ObjectStore
    let registry: MetricsRegistry
    let log: LogLines

    var lease: Lease { redis.trackingLease(token: "test") }

    /// Keeps a record with a file.
    func keep(_ run: String, atMs: Int64, file: [UInt8] = [1, 2, 3]) async throws {
        let record = TrackingRecord(
            run: run, status: .finished, startedAtMs: 1, endedAtMs: 2, tags: ["mode": "manual"], parameters: ["a": "1"],
            metrics: [.init("m", 0.5, atMs: 2)], files: [.init(name: "f", path: "model/f")], model: nil)
        try await tracker.keep(record, files: [("f", .bytes(file))], nowMs: atMs)
    }

    /// Sends what waits; the failure that it ended with.
    func failure() async throws -> MLflowFailure {
        do { _ = try await tracker.send(lease, nowMs: 1) } catch let failure as MLflowFailure { return failure }
        throw TestServerError("it went well")
    }

    /// What the spool holds, by run.
    func waiting() async throws -> [String] {
        try await tracker.status().waiting.map { String($0.name.drop { $0 != "-" }.dropFirst()) }
    }
}

/// Runs `body` with a tracker that a server answers by `script`.
func withTracker(
    authorization: AuthorizationHeader? = nil,
    _ script: @escaping @Sendable (StrangeServer.Request) -> StrangeServer.Answer,
    _ body: (TrackingBed, StrangeServer) async throws -> Void
) async throws {
    let server = try StrangeServer(script)
    defer { server.close() }
    try await withRedisServer { redis in
        try await withStores(on: redis) { stores in
            try await withDirectory { objects, _ in
                let (registry, log) = (MetricsRegistry(role: "trainer"), LogLines())
                let training = TrainingStores(objects: objects)
                let tracker = try Tracker(
                    MLflowSettings(trackingURI: server.address, authorization: authorization), stores: training,
                    metrics: registry,
                    logger: Logger(label: "test") { _ in LinesLogHandler(lines: log) })
                try await body(
                    TrackingBed(
                        tracker: tracker, stores: training, redis: stores, objects: objects, registry: registry,
                        log: log),
                    server)
            }
        }
    }
}
