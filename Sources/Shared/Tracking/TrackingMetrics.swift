// The metrics of writing runs down in MLflow, by name: what the dashboard and the alerts go by.

import Stores
package import Telemetry

/// Figures of a tracker.
package struct TrackingMetrics: Sendable {
    /// What became of a record.
    package enum Outcome: String, Sendable, CaseIterable {
        /// It waits in the object store.
        case spooled
        /// MLflow has it.
        case sent
        /// MLflow refused it for good; it was put aside.
        case refused
        /// It made room for newer ones, unsent.
        case dropped
        /// It could not be kept.
        case lost
    }

    private static let records = MetricDefinition.counter(
        "freshet_mlflow_records_total", "Training runs on their way to MLflow, by what became of them.")
    private static let failures = MetricDefinition.counter(
        "freshet_mlflow_failures_total", "Attempts to send that ended because of the server or the settings.")
    private static let waiting = MetricDefinition.gauge(
        "freshet_mlflow_waiting_records", "Training runs that wait for MLflow, by whether it has refused them.")
    private static let bytes = MetricDefinition.gauge(
        "freshet_mlflow_waiting_bytes", "What the training runs that wait for MLflow take in the object store.")
    private static let oldest = MetricDefinition.gauge(
        "freshet_mlflow_oldest_timestamp_seconds",
        "Since when the oldest training run waits, Unix time; 0 if none does.")

    private let outcomes: [Outcome: CounterCell]
    private let failureCount: CounterCell
    private let waitingCount: GaugeCell
    private let refusedCount: GaugeCell
    private let byteCount: GaugeCell
    private let oldestAt: GaugeCell

    /// The metrics of a tracker that has done nothing yet.
    package init(_ metrics: MetricsRegistry) {
        outcomes = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                ($0, metrics.counter(Self.records, ["outcome": $0.rawValue]))
            })
        failureCount = metrics.counter(Self.failures)
        waitingCount = metrics.gauge(Self.waiting, ["refused": "no"])
        refusedCount = metrics.gauge(Self.waiting, ["refused": "yes"])
        byteCount = metrics.gauge(Self.bytes)
        oldestAt = metrics.gauge(Self.oldest)
    }

    func note(_ outcome: Outcome, count: Int = 1) { for _ in 0..<count { outcomes[outcome]?.increment() } }

    func noteFailure() { failureCount.increment() }

    func show(_ status: TrackingStatus) {
        waitingCount.set(Double(status.waiting.count))
        refusedCount.set(Double(status.refused.count))
        byteCount.set(Double(status.bytes))
        oldestAt.set(Double(status.waiting.map(\.sinceMs).min() ?? 0) / 1000)
    }
}
