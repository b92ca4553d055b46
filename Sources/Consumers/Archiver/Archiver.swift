// The archiver: copies every entry of the event streams to the object store before the streams let go of it, so that
// training sees what happened since its logs were written. It only puts the loops together, one for each stream.

package import Logging
import ServiceLifecycle
package import Settings
package import Stores
package import Telemetry

/// Archives the event streams. Any number may run: each stream is worked on by one of them at a time.
package struct Archiver: Service {
    private let stores: RedisStores
    private let files: EventArchiveStore
    private let settings: ArchiverSettings
    private let instance: String
    private let metrics: ArchiverMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - stores: on a client that runs as long as this service and stops after it.
    ///   - files: the archive.
    ///   - settings: when files are closed.
    ///   - instance: tells this archiver apart from every other in the world.
    ///   - metrics: where it counts.
    ///   - logger: for this role.
    package init(
        stores: RedisStores, files: EventArchiveStore, settings: ArchiverSettings, instance: String,
        metrics: MetricsRegistry = MetricsRegistry(role: "archive"), logger: Logger
    ) {
        self.stores = stores
        self.files = files
        self.settings = settings
        self.instance = instance
        self.metrics = ArchiverMetrics(metrics)
        self.logger = logger
        metrics.collect { await ArchiverMetrics.backlog(stores.archive, nowMs: UTCTime.nowMs()) }
    }

    /// Runs until a graceful shutdown, which closes and writes the files in hand.
    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            for partition in 0..<stores.archive.partitions {
                let archiver = PartitionArchiver(
                    partition: partition, progress: stores.archive, files: files,
                    lease: stores.archiveLease(partition: partition, token: instance), settings: settings,
                    metrics: metrics, logger: logger)
                group.addTask { await archiver.run() }
            }
        }
    }
}
