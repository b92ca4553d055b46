// What the archiver counts.

import Telemetry

/// The archiver's figures.
struct ArchiverMetrics: Sendable {
    private static let entries = MetricDefinition.counter(
        "freshet_archived_entries_total",
        "Stream entries that are in the archive, counted when their file is committed.")
    private static let files = MetricDefinition.counter(
        "freshet_archived_files_total", "Files of the archive that this instance committed.")
    private static let latest = MetricDefinition.gauge(
        "freshet_archive_last_commit_timestamp_seconds", "When this instance committed a file last, Unix time.")

    let errors: ErrorCounters
    private let entryCount: CounterCell
    private let fileCount: CounterCell
    private let committedAt: GaugeCell

    init(_ metrics: MetricsRegistry) {
        errors = ErrorCounters(metrics)
        entryCount = metrics.counter(Self.entries)
        fileCount = metrics.counter(Self.files)
        committedAt = metrics.gauge(Self.latest)
    }

    /// A file is in the archive for good.
    func noteCommitted(entries count: Int, nowMs: Int64) {
        entryCount.increment(by: count)
        fileCount.increment()
        committedAt.set(Double(nowMs) / 1000)
    }
}
