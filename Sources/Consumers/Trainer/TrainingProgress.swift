// How far a training run has come, for the person who waits for it.

import Synchronization

/// The steps of training, in their order.
package enum TrainingStep: String, CaseIterable, Sendable {
    /// Source files are read and checked.
    case read
    /// Data is cleaned, written and read back.
    case prepare
    /// Parameters are looked for.
    case search
    /// The parameters are judged on the end of the log.
    case evaluate
    /// The ranker learns from candidates of the past.
    case learn
    /// Similar items are computed.
    case similar
    /// Catalogue, similar and popular items are written.
    case write
    /// Candidates of the present are computed.
    case candidates
    /// Offline lists are ordered and written.
    case offline
    /// The manifest is written; the release exists.
    case publish

    /// What a step takes beside the others; seconds with a log of RetailRocket's size.
    var weight: Double {
        switch self {
        case .read: 7
        case .prepare: 4
        case .search: 120
        case .evaluate: 60
        case .learn: 50
        case .similar: 2
        case .write: 4
        case .candidates: 14
        case .offline: 20
        case .publish: 0.1
        }
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
    /// How long the rest may take, judging by what is over, in seconds; nil while there is too little to judge by.
    package let secondsLeft: Double?
}

/// Lets a listener hear each step's beginning and every percent after it, however small the blocks are that work is
/// cut into.
final class ProgressFilter: Sendable {
    private let listener: @Sendable (TrainingProgress) -> Void
    /// By step of the plan, the share of the run that is over when it begins and when it ends.
    private let stretches: [TrainingStep: ClosedRange<Double>]
    private let started = ContinuousClock.now
    private let last = Mutex<(step: TrainingStep, fraction: Double)?>(nil)

    /// `plan` holds the steps that the run will take, in their order.
    init(_ plan: [TrainingStep], _ listener: @escaping @Sendable (TrainingProgress) -> Void) {
        self.listener = listener
        let all = plan.reduce(0) { $0 + $1.weight }
        var begin = 0.0
        var stretches: [TrainingStep: ClosedRange<Double>] = [:]
        for step in plan {
            let end = step == plan.last ? 1 : begin + step.weight / all
            stretches[step] = begin...max(end, begin)
            begin = end
        }
        self.stretches = stretches
    }

    /// Nobody listens.
    static var silent: ProgressFilter { ProgressFilter([]) { _ in } }

    /// `share` is how much of the step is over, 0 to 1.
    func report(_ step: TrainingStep, share: Double, _ detail: String) {
        guard let stretch = stretches[step] else { return }
        let position = stretch.lowerBound + (stretch.upperBound - stretch.lowerBound) * min(max(share, 0), 1)
        let news = last.withLock { last -> Double? in
            let fraction = max(position, last?.fraction ?? 0)
            if let known = last, known.step == step, Int(known.fraction * 100) == Int(fraction * 100) { return nil }
            last = (step, fraction)
            return fraction
        }
        guard let fraction = news else { return }
        let elapsed = Double((ContinuousClock.now - started) / .seconds(1))
        let left = fraction >= 0.03 ? elapsed * (1 - fraction) / fraction : nil
        listener(TrainingProgress(step: step, fraction: fraction, detail: detail, secondsLeft: left))
    }
}
