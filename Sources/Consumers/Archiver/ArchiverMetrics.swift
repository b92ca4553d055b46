// What the archiver counts, and what Redis is asked for when somebody scrapes: how far the archive is behind.

import Models
import Stores
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

    private static let lag = MetricDefinition.gauge(
        "freshet_archive_lag_entries", "Stream entries that are not in the archive yet, all streams together.")
    private static let age = MetricDefinition.gauge(
        "freshet_archive_lag_seconds", "How old the oldest stream entry is that is not in the archive; 0 if all are.")
    /// How long Redis may take for the figures of a scrape, in milliseconds.
    private static let deadlineMs = 1000

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

    /// How far the archive is behind as a whole, whoever works on it; what Redis cannot tell is left out.
    static func backlog(_ progress: ArchiveProgressStore, nowMs: Int64) async -> [MetricSample] {
        guard let backlog = try? await progress.backlog(deadlineMs: deadlineMs) else { return [] }
        let ageMs = backlog.oldest.map { max(0, nowMs - Int64(clamping: $0.milliseconds)) } ?? 0
        let samples = [MetricSample(age, Double(ageMs) / 1000)]
        return backlog.entries.map { samples + [MetricSample(lag, $0)] } ?? samples
    }

    /// A file is in the archive for good.
    func noteCommitted(entries count: Int, nowMs: Int64) {
        entryCount.increment(by: count)
        fileCount.increment()
        committedAt.set(Double(nowMs) / 1000)
    }
}
