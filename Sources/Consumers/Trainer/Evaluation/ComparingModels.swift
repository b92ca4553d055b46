// The model that waits beside the one in use: what a person looks at before promoting it.

import FoundationEssentials
package import Learning
import Stores

/// Compares two models.
package struct ComparingModels: Sendable {
    private let parameters: TrainingParameters

    package init(parameters: TrainingParameters) { self.parameters = parameters }

    /// Compares on the end of the log.
    /// - Throws: ``TrainerError`` if there is nobody to judge by, `BoostingError`, `CancellationError`.
    @concurrent
    package func run(
        current: TrainedModel, candidate: TrainedModel, _ prepared: PreparedData,
        progress listener: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> ComparisonPaper {
        let progress = ProgressFilter([.evaluate], listener)
        let (evaluation, data) = (parameters.evaluation, prepared.data)
        let report = { @Sendable share in progress.report(.evaluate, share: share, "both models") }
        let found = try await computing(report: report) {
            try Evaluator.compare(
                data, current: current.contender, candidate: candidate.contender, evaluation, control: $0)
        }
        guard let found else {
            throw TrainerError(
                message:
                    "nobody has events both before the last \(EvaluationText.percent(evaluation.heldOutShare)) of the "
                    + "log's time and in it; raise TRAINING_HELD_OUT_SHARE or bring a longer log")
        }
        return ComparisonPaper(current: current.manifest.model, candidate: candidate.manifest.model, comparison: found)
    }
}

extension TrainedModel {
    /// What is compared.
    fileprivate var contender: Evaluator.Contender {
        Evaluator.Contender(
            parameters: parameters.ranker, ranker: ranker, trainedThroughMs: manifest.trainedThroughMs)
    }
}

/// A comparison in the forms in which it is shown.
package struct ComparisonPaper: Codable, Sendable {
    /// The names of the two.
    package let current: String
    package let candidate: String
    /// What was found.
    package let comparison: ModelComparison

    /// The comparison as JSON, with names in snake case.
    package var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Both models' figures side by side, and what can be said of them.
    package var lines: [String] {
        let found = comparison
        var lines = [
            "held out: \(EvaluationText.day(found.cutMs)) to \(EvaluationText.day(found.endMs)), \(found.users) users, new "
                + "items only, lists of 10",
            "in use:  \(current), \(Self.how(found.current))", "waiting: \(candidate), \(Self.how(found.candidate))",
            "",
        ]
        var rows = [["", "in use", "95 %", "waiting", "95 %", "difference", "95 %"]]
        for metric in ListMetric.allCases.map(\.rawValue) {
            rows.append(
                [metric] + Self.cells(found.current.metrics[metric]) + Self.cells(found.candidate.metrics[metric])
                    + Self.cells(found.differences[metric]))
        }
        rows.append([
            "coverage", EvaluationText.number(found.current.coverage), "",
            EvaluationText.number(found.candidate.coverage),
            "", "", "",
        ])
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
            lines.append("  " + cells.joined(separator: "  "))
        }
        lines.append("")
        switch found.verdict {
        case .better: lines.append("the model that waits is better; `freshet model promote` uses it")
        case .worse: lines.append("the model that waits is worse; keep the one in use")
        case .noCertainDifference:
            lines.append("no certain difference: the interval of the difference in NDCG holds zero")
        }
        return lines
    }

    private static func how(_ side: ModelComparison.Side) -> String {
        side.isJudgedAsItIs
            ? "judged as it is"
            : "has seen the held-out time; judged by its parameters, learned again from what came before"
    }

    private static func cells(_ figure: Evaluation.Figure?) -> [String] {
        guard let figure else { return ["", ""] }
        let interval = figure.low.map { low in
            "\(EvaluationText.number(low)) to \(EvaluationText.number(figure.high ?? low))"
        }
        return [EvaluationText.number(figure.value), interval ?? ""]
    }
}
