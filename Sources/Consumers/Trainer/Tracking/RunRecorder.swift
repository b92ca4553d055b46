// Hands a run that is over to the tracker. Nothing that goes wrong here changes what became of the run.

import Learning
package import Logging
package import Stores
package import Tracking

/// Keeps records of runs.
package struct RunRecorder: Sendable {
    /// How long a run may wait for its record to be kept, in milliseconds: writing to the object store, never to MLflow.
    private static let timeoutMs = 10_000

    package let tracker: Tracker
    private let models: ModelStore
    private let settings: [String: String]
    private let logger: Logger

    /// - Parameter parameters: the settings of training, for runs that fail before there is a model.
    package init(_ tracker: Tracker, models: ModelStore, parameters: TrainingParameters, logger: Logger) {
        self.tracker = tracker
        self.models = models
        self.logger = logger
        settings = parameters.described.merging(parameters.judgingDescribed) { own, _ in own }
    }

    /// Keeps the record of a run that is over; false, with a line in the log, if it could not be kept.
    @discardableResult
    package func record(_ run: RunToRecord) async -> Bool {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await keep(run) }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(Self.timeoutMs))
                    throw TrainerError(message: "the object store took longer than \(Self.timeoutMs) ms")
                }
                defer { group.cancelAll() }
                _ = try await group.next()
            }
            return true
        } catch {
            logger.error(
                "a training run will not be found in MLflow", metadata: ["run": "\(run.run)", "error": "\(error)"])
            return false
        }
    }

    private func keep(_ run: RunToRecord) async throws {
        var (evaluation, curve): (Evaluation?, [Double]) = (nil, [])
        if let (model, slot) = run.model {
            if let bytes = try await models.read(.evaluation, of: model, in: slot) {
                evaluation = try? Evaluation.read(json: bytes)
            }
            curve = try await TrainedModel.searchCurve(of: model, in: slot, from: models)
        }
        let (record, files) = try run.record(settings: settings, evaluation: evaluation, curve: curve)
        try await tracker.keep(record, files: files, nowMs: run.endedAtMs)
    }
}
