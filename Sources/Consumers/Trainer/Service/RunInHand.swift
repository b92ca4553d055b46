// How far the run in hand is, between whoever computes and whoever reports: the computation must not wait for Redis, so
// it leaves its progress here and goes on.

import Stores
import Synchronization

/// The progress of one run; used from any thread.
final class RunInHand: Sendable {
    /// Why a run is stopped before its end.
    enum Stop: Sendable {
        case cancelled
        /// Another trainer has taken over.
        case superseded
    }

    private struct State {
        var latest: TrainingProgress?
        var steps: [(step: TrainingStep, startedMs: Int64)] = []
        var isNews = false
        var stop: Stop?
        var outcome: TrainingOutcome?
    }

    private let state = Mutex(State())
    private let nowMs: @Sendable () -> Int64

    init(nowMs: @escaping @Sendable () -> Int64) { self.nowMs = nowMs }

    /// The computation has come so far.
    func note(_ progress: TrainingProgress) {
        let ms = nowMs()
        state.withLock { state in
            if state.latest?.step != progress.step { state.steps.append((progress.step, ms)) }
            state.latest = progress
            state.isNews = true
        }
    }

    /// Why the run is to stop; nil if it is not.
    var stop: Stop? { state.withLock { $0.stop } }

    func stop(_ reason: Stop) { state.withLock { $0.stop = reason } }

    /// What the computation came to; nil as long as it has not.
    var outcome: TrainingOutcome? { state.withLock { $0.outcome } }

    /// The computation has come to its end.
    func keep(_ outcome: TrainingOutcome?) { state.withLock { $0.outcome = outcome } }

    /// What is to be told since the last time; empty if nothing.
    func takeNews() -> [(name: String, value: String)] {
        state.withLock { state in
            guard state.isNews else { return [] }
            state.isNews = false
            return fields(state)
        }
    }

    /// What could not be told is news again.
    func giveNewsBack() { state.withLock { $0.isNews = $0.latest != nil } }

    /// How long each step has taken, in their order.
    var stepSeconds: [(step: TrainingStep, seconds: Double)] {
        state.withLock { state in
            let ends = state.steps.dropFirst().map(\.startedMs) + [nowMs()]
            return zip(state.steps, ends).map { (step: $0.step, seconds: Double($1 - $0.startedMs) / 1000) }
        }
    }

    private func fields(_ state: State) -> [(name: String, value: String)] {
        guard let latest = state.latest else { return [] }
        let ends = state.steps.dropFirst().map(\.startedMs) + [nowMs()]
        let steps = zip(state.steps, ends).map { "\($0.step.rawValue)=\($1 - $0.startedMs)" }
        return [
            (name: "step", value: latest.step.rawValue), (name: "percent", value: "\(Int(latest.fraction * 100))"),
            (name: "detail", value: latest.detail), (name: "steps", value: steps.joined(separator: " ")),
        ]
    }
}
