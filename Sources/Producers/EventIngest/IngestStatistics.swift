// What the ingest counts: events that Redis confirmed, and those that it did not.

import Telemetry

/// The ingest's figures since the process started.
struct IngestStatistics: Sendable {
    private static let events = MetricDefinition.counter(
        "freshet_ingested_events_total",
        "Events that producers sent: accepted once Redis has them, unconfirmed where it did not say so.")

    /// Events that Redis has.
    let accepted: CounterCell
    /// Events of which Redis did not say that it has them.
    let unconfirmed: CounterCell

    init(_ metrics: MetricsRegistry) {
        accepted = metrics.counter(Self.events, ["outcome": "accepted"])
        unconfirmed = metrics.counter(Self.events, ["outcome": "unconfirmed"])
    }
}
