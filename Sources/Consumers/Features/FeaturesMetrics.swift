// The features consumer's metrics by name, and those that Redis is asked for when somebody scrapes.

import Stores
import Telemetry

/// What the features consumer exposes beside its requests.
enum FeaturesMetrics {
    /// How long Redis may take for the figures of a scrape, in milliseconds.
    private static let deadlineMs = 1000

    static let entries = MetricDefinition.counter(
        "freshet_stream_entries_total", "Stream entries read, for the first time or taken over from another consumer.")
    static let events = MetricDefinition.counter(
        "freshet_events_total",
        "What became of events: applied, older than what the state holds, repeated, or put aside into quarantine.")
    static let clamped = MetricDefinition.counter(
        "freshet_events_clamped_total", "Events whose time lay too far ahead of the stream's and was pulled back.")
    static let delay = MetricDefinition.histogram(
        "event_to_recommendation_seconds",
        "From an event's entry on the stream to the state from which the next recommendation follows.",
        .freshnessSeconds)
    private static let lag = MetricDefinition.gauge(
        "freshet_consumer_lag_entries", "Entries that a consumer group has yet to read, all streams together.")
    private static let pending = MetricDefinition.gauge(
        "freshet_consumer_pending_entries", "Entries that a consumer group was given and has yet to acknowledge.")
    private static let quarantine = MetricDefinition.gauge(
        "freshet_quarantine_entries", "Entries in quarantine.")

    /// The streams' state; what Redis cannot tell is left out, which is for an alert to notice.
    static func streams(_ events: EventStreamStore) async -> [MetricSample] {
        var samples: [MetricSample] = []
        let group = ConsumerGroup.features.rawValue
        if let progress = try? await events.progress(deadlineMs: deadlineMs).filter({ $0.group == group }),
            !progress.isEmpty
        {
            samples.append(
                MetricSample(pending, progress.reduce(0) { $0 + $1.pending }, ["group": group]))
            let lags = progress.compactMap(\.lag)
            if lags.count == progress.count {
                samples.append(MetricSample(lag, lags.reduce(0, +), ["group": group]))
            }
        }
        if let count = try? await events.quarantineCount(deadlineMs: deadlineMs) {
            samples.append(MetricSample(quarantine, count))
        }
        return samples
    }
}
