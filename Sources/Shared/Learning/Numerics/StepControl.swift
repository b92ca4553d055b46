// How a long step of learning is stopped and watched. The caller waits for things; a step only asks and tells, so that
// Learning stays free of waiting.

/// Stops a long step and hears how far it is. Both closures are called from any thread.
package struct StepControl: Sendable {
    /// Whether the step is to give up; asked between blocks of work, some hundreds of times a step.
    package var isCancelled: @Sendable () -> Bool
    /// Hears the share that is done, 0...1, never less than before.
    package var report: @Sendable (Double) -> Void

    package init(
        isCancelled: @escaping @Sendable () -> Bool = { false }, report: @escaping @Sendable (Double) -> Void = { _ in }
    ) {
        self.isCancelled = isCancelled
        self.report = report
    }

    /// Throws CancellationError if the step is to give up.
    package func check() throws {
        if isCancelled() { throw CancellationError() }
    }

    /// The control of a part of the step that takes the given stretch of its progress.
    package func part(_ stretch: ClosedRange<Double>) -> StepControl {
        let report = report
        return StepControl(isCancelled: isCancelled) { share in
            report(stretch.lowerBound + (stretch.upperBound - stretch.lowerBound) * share)
        }
    }

    /// A control that can be told to give up, and that nobody hears of.
    package var silent: StepControl { StepControl(isCancelled: isCancelled) }
}
