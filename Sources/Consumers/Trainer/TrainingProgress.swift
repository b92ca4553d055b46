// How far a training run has come, for the person who waits for it.

import Synchronization

/// The steps of a run, in their order.
package enum TrainingStep: String, CaseIterable, Sendable {
    /// Source files are read and checked.
    case read
    /// Interactions are sorted and indexed.
    case prepare
    /// Similar items are computed.
    case similar
    /// Catalogue, similar and popular items are written.
    case write
    /// The ranker learns from candidates of the past.
    case rank
    /// Offline lists are computed and written.
    case offline
    /// The manifest is written; the release exists.
    case publish

    /// The share of a run that is over when this step begins; measured with a log of RetailRocket's size.
    var startFraction: Double {
        switch self {
        case .read: 0
        case .prepare: 0.12
        case .similar: 0.15
        case .write: 0.18
        case .rank: 0.25
        case .offline: 0.7
        case .publish: 0.99
        }
    }

    /// The same for its end.
    var endFraction: Double {
        let later = Self.allCases.drop { $0 != self }.dropFirst()
        return later.first?.startFraction ?? 1
    }
}

/// A point in a training run.
package struct TrainingProgress: Hashable, Sendable {
    /// What is being done.
    package let step: TrainingStep
    /// How much of the whole run is over, 0 to 1; never falls.
    package let fraction: Double
    /// What exactly, in words: a file's name, a number of lists.
    package let detail: String

    /// `share` is how much of the step is over, 0 to 1.
    init(step: TrainingStep, share: Double, detail: String) {
        self.step = step
        fraction = step.startFraction + (step.endFraction - step.startFraction) * min(max(share, 0), 1)
        self.detail = detail
    }
}

/// Lets a listener hear each step's beginning and every percent after it, however small the blocks are that work is
/// cut into.
final class ProgressFilter: Sendable {
    private let listener: @Sendable (TrainingProgress) -> Void
    private let last = Mutex<(step: TrainingStep, percent: Int)?>(nil)

    init(_ listener: @escaping @Sendable (TrainingProgress) -> Void) { self.listener = listener }

    func report(_ step: TrainingStep, share: Double, _ detail: String) {
        let progress = TrainingProgress(step: step, share: share, detail: detail)
        let percent = Int(progress.fraction * 100)
        let isNews = last.withLock { last in
            defer { last = (step, percent) }
            return last.map { $0.step != step || $0.percent != percent } ?? true
        }
        if isNews { listener(progress) }
    }
}
