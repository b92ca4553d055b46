// Which generation new events are applied with. The follower sets it; every batch takes it once and holds it to its
// end, so that the follower can tell when the last batch with the previous generation is through.

import Stores
import Synchronization

/// The live generation as this instance knows it.
final class LiveGeneration: Sendable {
    private struct State {
        var isKnown = false
        var generation: Int?
        /// When it became live, Unix ms.
        var activatedAtMs: Int64?
        /// What this instance said last that it works with. An earlier generation that comes back is said anew.
        var acknowledged: (generation: Int, activatedAtMs: Int64?)?
        /// Batches under way by the generation that they took; no generation counts as 0.
        var batchCounts: [Int: Int] = [:]
    }

    private let generations: GenerationStore
    private let state = Mutex(State())

    init(_ generations: GenerationStore) { self.generations = generations }

    /// The live generation; nil if there is none, or none is known yet.
    var current: Int? { state.withLock { $0.generation } }

    /// The live generation, and when it became that, if this instance has yet to say that it works with it.
    var unacknowledged: (generation: Int, activatedAtMs: Int64?)? {
        state.withLock { state in
            guard let generation = state.generation else { return nil }
            let due = (generation: generation, activatedAtMs: state.activatedAtMs)
            if let said = state.acknowledged, said == due { return nil }
            return due
        }
    }

    /// This instance has said that it works with a generation.
    func noteAcknowledged(_ generation: (generation: Int, activatedAtMs: Int64?)) {
        state.withLock { $0.acknowledged = generation }
    }

    /// Reads the pointer again.
    func refresh() async throws {
        let generation = try await generations.active()
        var activatedAtMs: Int64?
        if let generation { activatedAtMs = try await generations.info(generation)?.activatedAtMs }
        state.withLock { state in
            state.isKnown = true
            state.generation = generation
            state.activatedAtMs = activatedAtMs
        }
    }

    /// Reads the pointer unless it is known: the first batch after a start must not take no generation for the truth.
    func refreshIfUnknown() async throws {
        if !state.withLock({ $0.isKnown }) { try await refresh() }
    }

    /// The generation for a batch that begins: 0 if none is live. Such events are applied with empty lists, as proof
    /// that they arrived; the sweep after the first generation fills them.
    func begin() -> Int {
        state.withLock { state in
            let generation = state.generation ?? 0
            state.batchCounts[generation, default: 0] += 1
            return generation
        }
    }

    /// The batch that took `generation` is through.
    func end(_ generation: Int) {
        state.withLock { state in
            let count = (state.batchCounts[generation] ?? 1) - 1
            state.batchCounts[generation] = count > 0 ? count : nil
        }
    }

    /// Whether no batch is under way with another generation than the live one.
    var isAlone: Bool {
        state.withLock { state in state.batchCounts.keys.allSatisfy { $0 == state.generation ?? 0 } }
    }
}
