// The features consumer: it only puts the loops and the HTTP service together. Each loop is a file of its own.

import Hummingbird
package import Logging
import Models
import ServiceLifecycle
package import Settings
package import Stores
import Telemetry
package import WebService

/// Keeps users' online state up to date with the event stream, and serves similar items.
package struct Features: Service {
    let stores: RedisStores
    let live: LiveGeneration
    let activity: ActivityLog
    let quality: QualityLog
    let statistics: FeaturesStatistics
    let telemetry: ServiceTelemetry
    private let settings: FeaturesSettings
    private let events: EventSettings
    private let instance: String
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - stores: on a client that runs as long as this service and stops after it.
    ///   - settings: how events are read and the state is kept.
    ///   - events: the stream's shape, the same for all roles.
    ///   - instance: this instance's name, `features@<host>:<pid>`; consumers of the group are named after it.
    ///   - telemetry: where it counts.
    ///   - logger: for this role.
    ///   - onListening: called once with the HTTP port as soon as it accepts connections.
    package init(
        stores: RedisStores, settings: FeaturesSettings, events: EventSettings, instance: String,
        telemetry: ServiceTelemetry = ServiceTelemetry(role: "features"), logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.stores = stores
        self.settings = settings
        self.events = events
        self.instance = instance
        self.telemetry = telemetry
        statistics = FeaturesStatistics(telemetry.metrics)
        self.logger = logger
        self.onListening = onListening
        live = LiveGeneration(stores.generations)
        activity = ActivityLog(stores.online)
        quality = QualityLog(stores.quality, statistics: QualityStatistics(telemetry.metrics))
        let live = live
        telemetry.metrics.collect {
            var samples = await FeaturesMetrics.streams(stores.events)
            if let generation = live.current {
                samples += GenerationMetrics.samples(generation: generation, loadedAtMs: nil, nowMs: UTCTime.nowMs())
            }
            return samples
        }
    }

    /// Runs until a graceful shutdown: the batch in hand is finished and acknowledged, then the instance leaves.
    package func run() async throws {
        try await makeApplication(
            router: router(), address: ServiceAddress(host: settings.http.host, port: settings.http.port),
            telemetry: telemetry, services: services(), logger: logger, onListening: onListening
        ).run()
    }

    /// The HTTP routes.
    func router() -> Router<ServiceContext> {
        FeaturesRoutes(stores: stores, live: live, statistics: statistics, telemetry: telemetry).router()
    }

    /// What applies entries.
    var applier: EventApplier {
        EventApplier(
            stores: stores, live: live, activity: activity, quality: quality, statistics: statistics,
            reader: EventReader(types: events.types), settings: settings, logger: logger)
    }

    /// The loops, in the order of their start; they stop in the reverse order, so what the consumer notes is still
    /// written.
    private func services() -> [any Service] {
        // A restarted process must not be taken for the dead one whose entries it is to claim.
        let consumer = "\(instance):\(String(UInt32.random(in: .min ... .max), radix: 16))"
        let applier = applier
        return [
            ActivityWriter(activity: activity, logger: logger),
            QualityWriter(quality: quality, logger: logger),
            InstanceHeartbeat(
                instances: stores.instances, freshness: stores.freshness, statistics: statistics, instance: instance,
                logger: logger),
            GenerationFollower(
                stores: stores, live: live,
                sweep: OnlineSweep(stores: stores, live: live, activity: activity, logger: logger), instance: instance,
                logger: logger),
            StreamKeeper(
                events: stores.events, retentionMs: events.retentionMs, awaited: events.isArchived ? [.archive] : [],
                logger: logger),
            PendingClaimer(
                events: stores.events, applier: applier, consumer: consumer, idleMs: settings.claimIdleMs,
                deliveriesMax: settings.deliveriesMax, batchCountMax: settings.batchCountMax, logger: logger),
            EventConsumer(
                events: stores.events, applier: applier, consumer: consumer, batchCountMax: settings.batchCountMax,
                logger: logger),
        ]
    }
}
