// Says that this instance is alive, so that `freshet reload --wait` knows whom to wait for, and how soon events show here.

import Logging
import Loops
import ServiceLifecycle
import Stores
import Telemetry

/// The loop that gives signs of life, and takes the instance off the list at the end.
struct InstanceHeartbeat: Service {
    let instances: InstanceRegistry
    let freshness: FreshnessFigures
    let statistics: FeaturesStatistics
    let instance: String
    let logger: Logger

    func run() async throws {
        repeat {
            do {
                try await instances.beat(instance, nowMs: UTCTime.nowMs())
                try await freshness.note(statistics.delayCounts, instance: instance)
            } catch {
                logger.debug("no sign of life could be given", metadata: ["error": "\(error)"])
            }
        } while await Pacing.pause(milliseconds: InstanceRegistry.heartbeatMs)
        // If Redis is away, the silence says the same a little later.
        try? await instances.leave(instance)
        try? await freshness.leave(instance)
    }
}
