// What is known of a training run at its end, and the record that MLflow gets of it.

import FoundationEssentials
import Learning
import Models
package import Stores
import Telemetry
import Tracking

/// A run that is over.
package struct RunToRecord: Sendable {
    /// Our name of the run.
    package var run: String
    /// How it ended: succeeded, failed or cancelled.
    package var state: TrainingRun.State
    package var mode: String
    /// Who or what ran it.
    package var producer: String
    /// Whose word it is; nil where nobody is known.
    package var user: String?
    package var attempt = 1
    /// Unix ms.
    package var startedAtMs: Int64
    package var endedAtMs: Int64
    /// How long each step took.
    package var steps: [(step: TrainingStep, seconds: Double)] = []
    /// Why it failed.
    package var error: String?
    /// What came of it; nil if nothing did.
    package var outcome: TrainingOutcome?
    /// The model that it trained and where that is, for a run that makes no release.
    package var trained: (model: ModelManifest, slot: ModelSlot)?

    package init(
        run: String, state: TrainingRun.State, mode: String, producer: String, startedAtMs: Int64, endedAtMs: Int64
    ) {
        self.run = run
        self.state = state
        self.mode = mode
        self.producer = producer
        self.startedAtMs = startedAtMs
        self.endedAtMs = endedAtMs
    }

    /// The model that the run is about.
    var model: (model: ModelManifest, slot: ModelSlot)? {
        if let trained { return trained }
        guard let outcome else { return nil }
        return outcome.retrained.map { ($0, .retrained) } ?? (outcome.model, .inUse)
    }

    /// The record and its files.
    /// - Parameters:
    ///   - settings: The settings of training, for a run without a model.
    ///   - evaluation: How the model was judged; nil if it was not.
    ///   - curve: NDCG of the search, before it and after each of its stages; empty if nothing was looked for.
    func record(
        settings: [String: String], evaluation: Evaluation?, curve: [Double]
    ) throws -> (record: TrackingRecord, files: [(name: String, file: TrackingFile)]) {
        let files = try self.files()
        let record = TrackingRecord(
            run: run, status: status, startedAtMs: startedAtMs, endedAtMs: endedAtMs, tags: tags,
            parameters: model?.model.parameters ?? settings, metrics: metrics(evaluation) + self.curve(curve),
            files: files.map { TrackingRecord.File(name: $0.name, path: $0.path) }, model: model?.model.model,
            modelDescription: modelDescription(evaluation))
        return (record, files.map { ($0.name, $0.file) })
    }

    private func modelDescription(_ evaluation: Evaluation?) -> String? {
        guard let model = model?.model else { return nil }
        guard let ndcg = evaluation?.table(.new)?.row(.finalLists)?.metrics[ListMetric.ndcg.rawValue] else {
            return "\(model.model), not judged"
        }
        let figure = EvaluationText.number(ndcg.value)
        guard let low = ndcg.low, let high = ndcg.high else { return "\(model.model), NDCG@10 of new items \(figure)" }
        let interval = "\(EvaluationText.number(low)) to \(EvaluationText.number(high))"
        return "\(model.model), NDCG@10 of new items \(figure), 95 % \(interval)"
    }

    private var status: TrackingRecord.Status {
        switch state {
        case .succeeded: .finished
        case .cancelled: .killed
        case .pending, .running, .interrupted, .failed: .failed
        }
    }

    private var tags: [String: String] {
        var tags = [
            "mode": mode, "producer": producer, "attempt": "\(attempt)", "version": BuildVersion.text,
            "freshet.state": state.rawValue,
        ]
        tags["mlflow.source.name"] = producer
        tags["mlflow.source.type"] = "JOB"
        tags["mlflow.user"] = user
        tags["error"] = error
        tags["release"] = outcome?.release.release
        tags["model"] = model?.model.model
        tags["model_of_lists"] = outcome?.model.model
        tags["preparation"] = model?.model.preparation
        // What MLflow's page shows above the figures.
        tags["mlflow.note.content"] = error.map { "\(state.rawValue): \($0)" }
        return tags
    }

    private func metrics(_ evaluation: Evaluation?) -> [TrackingRecord.Metric] {
        var figures: [String: Double] = model?.model.metrics ?? [:]
        for (name, value) in outcome?.release.metrics ?? [:] { figures["release.\(name)"] = value }
        for table in evaluation?.tables ?? [] {
            for row in table.rows {
                for (metric, figure) in row.metrics {
                    let name = "\(row.lists.rawValue).\(table.targets.rawValue).\(metric)"
                    figures["\(name).low"] = figure.low
                    figures["\(name).high"] = figure.high
                }
            }
        }
        for (step, seconds) in steps { figures["seconds.\(step.rawValue)", default: 0] += seconds }
        figures["seconds.run"] = Double(endedAtMs - startedAtMs) / 1000
        return figures.sorted { $0.key < $1.key }.map {
            TrackingRecord.Metric(MetricGroups.name($0.key), $0.value, atMs: endedAtMs)
        }
    }

    private func curve(_ values: [Double]) -> [TrackingRecord.Metric] {
        values.enumerated().map { TrackingRecord.Metric("search.ndcg", $1, atMs: endedAtMs, step: $0) }
    }

    private func files() throws -> [(name: String, path: String, file: TrackingFile)] {
        guard let (model, slot) = model else { return [] }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let folder = TrackingRecord.modelFolder
        var files: [(name: String, path: String, file: TrackingFile)] = [
            ("model-manifest.json", "\(folder)/manifest.json", .bytes(Array(try encoder.encode(model))))
        ]
        if model.file(.ranker) != nil {
            files.append(("MLmodel", "\(folder)/MLmodel", .bytes(Array(ModelCard.text(model).utf8))))
        }
        for file in ModelFile.allCases where model.file(file) != nil {
            let folder = file == .description || file == .ranker ? folder : "evaluation"
            files.append((file.rawValue, "\(folder)/\(file.rawValue)", .model(file, of: model, in: slot)))
        }
        if let importance = FeatureImportance(model.metrics) {
            files.append(("importance.csv", "importance/importance.csv", .bytes(Array(importance.csv.utf8))))
            files.append(("importance.json", "importance/importance.json", .bytes(try importance.json())))
            files.append(("importance.svg", "importance/importance.svg", .bytes(Array(importance.svg.utf8))))
        }
        if let release = outcome?.release {
            files.append(("release.json", "release/manifest.json", .bytes(Array(try encoder.encode(release)))))
        }
        return files
    }
}
