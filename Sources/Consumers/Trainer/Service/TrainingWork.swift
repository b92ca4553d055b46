// What the trainer's service asks of training itself: one call for a whole run. The service knows no step by name, and
// the steps know neither requests nor leases.

package import Stores

/// All steps of a training run, in the order that its mode wants.
package protocol TrainingWork: Sendable {
    /// Carries out a run. It may be begun again with the same run after a crash, and must then come to the same end.
    ///
    /// - Parameters:
    ///   - order: which run, and how it treats the model.
    ///   - published: to be called with the release as soon as it exists, before the run goes on; may be left out where
    ///     nothing follows. What it throws ends the run.
    ///   - report: hears how far the run is, from any thread.
    /// - Throws: `CancellationError` within milliseconds of the task's cancellation; anything else fails the run, with
    ///   the error's description as the reason.
    func run(
        _ order: TrainingOrder, published: @escaping @Sendable (_ release: String) async throws -> Void,
        report: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingResult
}

/// What came of a run.
package struct TrainingResult: Sendable {
    /// The release that is to become live; nil if none is. The service asks for it, and only as long as the run is its.
    package let release: String?
    /// Figures by name, for people and for comparison.
    package let metrics: [String: Double]
    /// Release and models in full, for whoever writes the run down; nil where there is no such record.
    package let outcome: TrainingOutcome?

    package init(release: String?, metrics: [String: Double], outcome: TrainingOutcome? = nil) {
        self.release = release
        self.metrics = metrics
        self.outcome = outcome
    }
}
