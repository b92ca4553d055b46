// Progress for whoever waits: one line of a terminal with the time that is left, or where there is none, a log line at each
// step and every tenth of the way.

import Logging
import Synchronization
import Trainer

/// Shows how far a training run is.
final class ProgressMeter: Sendable {
    private let logger: Logger
    private let started = ContinuousClock.now
    private let state = Mutex(State())

    private struct State {
        var last: (step: TrainingStep, tenth: Int)?
        /// When each step began, in the order of beginning.
        var begun: [(step: TrainingStep, at: ContinuousClock.Instant)] = []
    }

    init(label: String) {
        var logger = Logger(label: label)
        // The command's own words: shown whatever level the roles log at.
        logger.logLevel = min(logger.logLevel, .info)
        self.logger = logger
    }

    /// Hears progress, from whatever task is at work.
    func show(_ progress: TrainingProgress) {
        let percent = Int(progress.fraction * 100)
        let isNews = state.withLock { state in
            if state.begun.last?.step != progress.step { state.begun.append((progress.step, .now)) }
            defer { state.last = (progress.step, percent / 10) }
            return state.last.map { $0.step != progress.step || $0.tenth != percent / 10 } ?? true
        }
        guard !isTerminal else {
            let left = progress.secondsLeft.map { ", about \(Self.duration($0)) left" } ?? ""
            return ProgressLine.show("\(percent) % \(progress.step.rawValue): \(progress.detail)\(left)")
        }
        guard isNews else { return }
        var metadata: Logger.Metadata = [
            "step": "\(progress.step.rawValue)", "percent": "\(percent)", "detail": "\(progress.detail)",
        ]
        if let left = progress.secondsLeft { metadata["seconds_left"] = "\(Int(left.rounded()))" }
        logger.info("training", metadata: metadata)
    }

    /// The last words, with the time it took and where it went.
    func end(_ text: String) {
        let now = ContinuousClock.now
        let begun = state.withLock { $0.begun }
        let ends = begun.dropFirst().map(\.at) + [now]
        let steps = zip(begun, ends).map { step, end in
            "\(step.step.rawValue) \(Self.duration((end - step.at) / .seconds(1)))"
        }
        let parts = steps.count > 1 ? ": \(steps.joined(separator: ", "))" : ""
        let seconds = (now - started) / .seconds(1)
        ProgressLine.show("\(text) (\(Self.duration(seconds))\(parts))", isLast: true)
    }

    /// `4.2 s`, `75 s`, `12 min`.
    static func duration(_ seconds: Double) -> String {
        if seconds < 10 { return "\(Int((seconds * 10).rounded()) / 10).\(Int((seconds * 10).rounded()) % 10) s" }
        return seconds < 120 ? "\(Int(seconds.rounded())) s" : "\(Int((seconds / 60).rounded())) min"
    }
}
