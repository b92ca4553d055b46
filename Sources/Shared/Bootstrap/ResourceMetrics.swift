// What the Redis client and the object store count, under names and with words of ours. They know swift-metrics alone; this
// is where their figures meet the role's registry.

import ObjectStore
import Redis
import Telemetry

/// Exposes the figures of a role's resources.
enum ResourceMetrics {
    private static let roundTrip = MetricDefinition.histogram(
        RedisMeters.roundTrip, "From sending a pipeline to Redis, or one command, to its last reply.",
        .seconds([0.000_1, 0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]))
    private static let connections = MetricDefinition.gauge(
        "freshet_redis_connections", "Shared connections to Redis that are ready.")
    private static let inFlight = MetricDefinition.gauge(
        "freshet_redis_commands_in_flight", "Commands sent to Redis and not yet answered.")
    private static let waiting = MetricDefinition.gauge(
        "freshet_redis_waiting_callers", "Callers that wait for a connection to Redis.")
    private static let roundTrips = MetricDefinition.counter(
        "freshet_redis_round_trips_total", "Pipelines sent to Redis, a single command counting as one.")
    private static let reconnects = MetricDefinition.counter(
        "freshet_redis_reconnects_total", "Connections to Redis made after the first of each place.")
    private static let connectFailures = MetricDefinition.counter(
        "freshet_redis_connect_failures_total", "Attempts to connect to Redis that failed.")
    private static let retries = MetricDefinition.counter(
        "freshet_redis_retries_total", "Pipelines that were sent again after their connection broke.")
    private static let functionLoads = MetricDefinition.counter(
        "freshet_redis_function_loads_total", "Times the functions were loaded because a call missed them.")

    private static let calls = MetricDefinition.histogram(
        ObjectStoreMeters.calls,
        "Calls to the object store, by outcome; a read counts until its first byte, an upload's parts not at all.",
        .seconds([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120]))
    private static let callCount = MetricDefinition.counter(
        "freshet_object_calls_total", "Calls to the object store, by outcome.")
    private static let bytes = MetricDefinition.counter(
        ObjectStoreMeters.bytes, "Bytes read from the object store and written to it.")

    /// Says what the figures of libraries mean; before the libraries make them.
    static func declare(in metrics: MetricsRegistry) {
        for definition in [roundTrip, calls, bytes] { metrics.declare(definition) }
        metrics.expose(countsOf: calls, as: callCount)
    }

    /// Has a client's figures asked for at every scrape.
    static func collect(_ client: RedisClient, in metrics: MetricsRegistry) {
        metrics.collect {
            let counters = client.counters
            return [
                MetricSample(connections, counters.connectionsReady),
                MetricSample(inFlight, counters.commandsInFlight),
                MetricSample(waiting, counters.waiters),
                MetricSample(roundTrips, counters.roundTripCount),
                MetricSample(reconnects, counters.reconnectCount),
                MetricSample(connectFailures, counters.connectFailureCount),
                MetricSample(retries, counters.retryCount),
                MetricSample(functionLoads, counters.functionLoadCount),
            ]
        }
    }
}
