// An evaluation on prepared data, for whoever asks for it without training a model.

import Learning
package import Stores

/// Judges parameters on the end of the log.
package struct Evaluating: Sendable {
    private let parameters: TrainingParameters

    /// - Parameter model: The model whose parameters are judged; nil for those of `parameters`.
    package init(parameters: TrainingParameters, model: TrainedModel? = nil) {
        var parameters = parameters
        if let model { parameters.ranker = model.parameters.ranker }
        self.parameters = parameters
    }

    /// Learns from what came before the cut and judges by what came after it.
    /// - Throws: ``TrainerError`` if there is nobody to judge by, `BoostingError`, `CancellationError`.
    @concurrent
    package func run(
        _ prepared: PreparedData, progress listener: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> EvaluationPaper {
        let progress = ProgressFilter([.evaluate], listener)
        let (ranker, evaluation, data) = (parameters.ranker, parameters.evaluation, prepared.data)
        progress.report(.evaluate, share: 0, "on the end of the log")
        let report = { @Sendable share in progress.report(.evaluate, share: share, "on the end of the log") }
        let found = try await computing(report: report) {
            try Evaluator.evaluate(data, ranker: ranker, evaluation, control: $0)
        }
        guard let found else {
            throw TrainerError(
                message:
                    "nobody has events both before the last \(EvaluationText.percent(evaluation.heldOutShare)) of the "
                    + "log's time and in it; raise TRAINING_HELD_OUT_SHARE or bring a longer log")
        }
        return EvaluationPaper(found)
    }
}

/// An evaluation in the forms in which it is shown.
package struct EvaluationPaper: Sendable {
    private let evaluation: Evaluation

    init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    /// Reads an evaluation that is kept with a model; nil if the model has none.
    /// - Throws: `StoreError`, or a `DecodingError` for one of another build.
    package init?(of manifest: ModelManifest, in slot: ModelSlot, from models: ModelStore) async throws {
        guard let bytes = try await models.read(.evaluation, of: manifest, in: slot) else { return nil }
        evaluation = try Evaluation.read(json: bytes)
    }

    /// The protocol and a table for each kind of targets.
    package var lines: [String] { evaluation.lines }
    /// The same as JSON, with names in snake case.
    package var json: String { get throws { String(decoding: try evaluation.json(), as: UTF8.self) } }
    /// The same as a picture.
    package var svg: String { EvaluationPicture(evaluation).svg }
}
