// What this instance has done since it started: the cells of its metrics, read by /v1/stats and by tests too, and the latest
// latencies one by one, from which quantiles are exact where a histogram's are not.

import Models
import Stores
import Synchronization
import Telemetry

/// Counts of what became of stream entries, and how quickly.
final class FeaturesStatistics: Sendable {
    /// How many of the latest applied events the latency is computed from.
    static let sampleCountMax = 1024

    /// The counts at one moment.
    struct Snapshot: Sendable, Equatable {
        /// Entries that were read for the first time.
        var consumed = 0
        /// Events that changed a user's state.
        var applied = 0
        /// Events that the state already held, or that are older than what it holds.
        var older = 0
        /// Events whose event id came before.
        var repeated = 0
        /// Events whose time lay too far ahead and was pulled back.
        var clamped = 0
        /// Entries put aside because they could not be applied.
        var quarantined = 0
        /// Entries taken over from consumers that did not acknowledge them.
        var claimed = 0
        /// The largest id among the applied events.
        var lastApplied: StreamID?
        /// Milliseconds from an entry's arrival in Redis to its being applied, sorted; of the latest events.
        var sortedLatenciesMs: [Int64] = []

        /// The latency that `share` of the latest events did not exceed, by nearest rank; nil before the first event.
        func latencyMs(share: Double) -> Int64? {
            guard !sortedLatenciesMs.isEmpty else { return nil }
            let rank = Int((share * Double(sortedLatenciesMs.count)).rounded(.up))
            return sortedLatenciesMs[min(max(rank, 1), sortedLatenciesMs.count) - 1]
        }
    }

    private struct State {
        var lastApplied: StreamID?
        var latenciesMs: [Int64] = []
        var nextSample = 0

        /// The oldest sample makes way. The clocks of Redis and of this machine may differ, which must not look like
        /// travel in time.
        mutating func addSample(_ latencyMs: Int64) {
            if latenciesMs.count < sampleCountMax {
                latenciesMs.append(max(0, latencyMs))
            } else {
                latenciesMs[nextSample] = max(0, latencyMs)
                nextSample = (nextSample + 1) % sampleCountMax
            }
        }
    }

    /// Errors of the role's loops.
    let errors: ErrorCounters
    private let consumed: CounterCell
    private let claimed: CounterCell
    private let applied: CounterCell
    private let older: CounterCell
    private let repeated: CounterCell
    private let quarantined: CounterCell
    private let clamped: CounterCell
    private let delay: HistogramCell
    /// Events by how long they took to show, by bucket of `freshnessSeconds`.
    var delayCounts: [Int64] { delay.snapshot.counts }
    private let state = Mutex(State())

    init(_ metrics: MetricsRegistry) {
        func events(_ outcome: String) -> CounterCell {
            metrics.counter(FeaturesMetrics.events, ["outcome": outcome])
        }
        errors = ErrorCounters(metrics)
        consumed = metrics.counter(FeaturesMetrics.entries, ["delivery": "first"])
        claimed = metrics.counter(FeaturesMetrics.entries, ["delivery": "claimed"])
        (applied, older, repeated, quarantined) = (
            events("applied"), events("older"), events("repeated"), events("quarantined")
        )
        clamped = metrics.counter(FeaturesMetrics.clamped)
        delay = metrics.histogram(FeaturesMetrics.delay)
    }

    /// The counts now.
    var snapshot: Snapshot {
        let (lastApplied, latencies) = state.withLock { ($0.lastApplied, $0.latenciesMs) }
        return Snapshot(
            consumed: consumed.total, applied: applied.total, older: older.total, repeated: repeated.total,
            clamped: clamped.total, quarantined: quarantined.total, claimed: claimed.total, lastApplied: lastApplied,
            sortedLatenciesMs: latencies.sorted())
    }

    /// Entries came, for the first time or from another consumer.
    func noteRead(_ count: Int, isClaimed: Bool) { (isClaimed ? claimed : consumed).increment(by: count) }

    /// An entry was put aside.
    func noteQuarantined() { quarantined.increment() }

    /// Events were applied, in one go, at `nowMs`.
    func noteSettled(_ settled: [SettledEvent], nowMs: Int64) {
        guard !settled.isEmpty else { return }
        for one in settled {
            switch one.outcome {
            case .applied: applied.increment()
            case .older: older.increment()
            case .repeated: repeated.increment()
            }
            if one.event.isClamped { clamped.increment() }
            delay.recordNanoseconds(max(0, nowMs - Int64(clamping: one.event.id.milliseconds)) * 1_000_000)
        }
        state.withLock { state in
            for one in settled {
                state.lastApplied = max(state.lastApplied ?? .zero, one.event.id)
                state.addSample(nowMs - Int64(clamping: one.event.id.milliseconds))
            }
        }
    }
}
