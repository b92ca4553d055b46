// What this instance has done since it started, for /v1/stats and for tests.

import Models
import Stores
import Synchronization

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
        var counts = Snapshot()
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

    private let state = Mutex(State())

    /// The counts now.
    var snapshot: Snapshot {
        let (counts, latencies) = state.withLock { ($0.counts, $0.latenciesMs) }
        var snapshot = counts
        snapshot.sortedLatenciesMs = latencies.sorted()
        return snapshot
    }

    /// Entries came, for the first time or from another consumer.
    func noteRead(_ count: Int, isClaimed: Bool) {
        state.withLock { state in
            if isClaimed { state.counts.claimed += count } else { state.counts.consumed += count }
        }
    }

    /// An entry was put aside.
    func noteQuarantined() { state.withLock { $0.counts.quarantined += 1 } }

    /// Events were applied, in one go, at `nowMs`.
    func noteSettled(_ settled: [SettledEvent], nowMs: Int64) {
        guard !settled.isEmpty else { return }
        state.withLock { state in
            for one in settled {
                switch one.outcome {
                case .applied: state.counts.applied += 1
                case .older: state.counts.older += 1
                case .repeated: state.counts.repeated += 1
                }
                if one.event.isClamped { state.counts.clamped += 1 }
                state.counts.lastApplied = max(state.counts.lastApplied ?? .zero, one.event.id)
                state.addSample(nowMs - Int64(clamping: one.event.id.milliseconds))
            }
        }
    }
}
