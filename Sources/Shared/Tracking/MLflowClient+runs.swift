// Experiments, runs and their artifacts: what we ask of MLflow about a run. Every call may be made again.

import FoundationEssentials

/// A run as MLflow knows it.
struct MLflowRun: Decodable, Sendable {
    struct Info: Decodable, Sendable {
        let run_id: String
        let artifact_uri: String?
        let start_time: Int64?
    }
    let info: Info
}

extension MLflowClient {
    struct Pair: Encodable {
        let key: String
        let value: String
    }

    /// Items of one request at most; MLflow takes 100 parameters, 100 tags and 1000 figures.
    private static let pairsMax = 100
    private static let metricsMax = 500

    /// The experiment of a name, made if there is none; its id.
    func experiment(_ name: String) async throws -> String {
        if let found = try await existingExperiment(name) { return found }
        struct Creation: Encodable {
            let name: String
            // Otherwise its page opens with what there is of chats, not with runs.
            let tags = [Pair(key: "mlflow.experimentKind", value: "custom_model_development")]
        }
        struct Made: Decodable { let experiment_id: String }
        do {
            let made: Made = try await post("experiments/create", Creation(name: name))
            return made.experiment_id
        } catch let failure as MLflowFailure where failure.code == "RESOURCE_ALREADY_EXISTS" {
            if let found = try await existingExperiment(name) { return found }
            throw failure
        }
    }

    private func existingExperiment(_ name: String) async throws -> String? {
        struct Found: Decodable {
            struct Experiment: Decodable {
                let experiment_id: String
                let lifecycle_stage: String?
            }
            let experiment: Experiment
        }
        do {
            let found: Found = try await get("experiments/get-by-name", [("experiment_name", name)])
            guard found.experiment.lifecycle_stage != "deleted" else {
                throw MLflowFailure(
                    .misconfigured, "experiment \"\(name)\" is deleted; restore it, or set MLFLOW_EXPERIMENT to another"
                )
            }
            return found.experiment.experiment_id
        } catch let failure as MLflowFailure where failure.code == "RESOURCE_DOES_NOT_EXIST" { return nil }
    }

    /// Runs of an experiment that carry our name, the first made first.
    func runs(named run: String, in experiment: String) async throws -> [MLflowRun] {
        struct Search: Encodable {
            let experiment_ids: [String]
            let filter: String
            let run_view_type = "ACTIVE_ONLY"
            let max_results = 100
        }
        struct Found: Decodable { let runs: [MLflowRun]? }
        let name = run.replacing("'", with: "")
        let found: Found = try await post(
            "runs/search",
            Search(experiment_ids: [experiment], filter: "tags.`\(TrackingRecord.runTag)` = '\(name)'"))
        return (found.runs ?? []).sorted {
            ($0.info.start_time ?? 0, $0.info.run_id) < ($1.info.start_time ?? 0, $1.info.run_id)
        }
    }

    /// Makes a run. Repeated, it would make another one, so it is not.
    func createRun(_ record: TrackingRecord, in experiment: String) async throws {
        struct Creation: Encodable {
            let experiment_id: String
            let run_name: String
            let start_time: Int64
            let tags: [Pair]
        }
        struct Made: Decodable { let run: MLflowRun }
        let _: Made = try await post(
            "runs/create",
            Creation(
                experiment_id: experiment, run_name: record.run, start_time: record.startedAtMs,
                tags: [Pair(key: TrackingRecord.runTag, value: record.run.replacing("'", with: ""))]),
            isRepeatable: false)
    }

    func deleteRun(_ id: String) async throws {
        struct Deletion: Encodable { let run_id: String }
        let _: MLflowNothing = try await post("runs/delete", Deletion(run_id: id))
    }

    /// Writes tags, parameters and figures down.
    func log(_ record: TrackingRecord, to id: String) async throws {
        struct Batch: Encodable {
            let run_id: String
            var metrics: [TrackingRecord.Metric] = []
            var params: [Pair] = []
            var tags: [Pair] = []
        }
        func pairs(_ texts: [String: String]) -> [Pair] {
            texts.sorted { $0.key < $1.key }.map { Pair(key: $0.key, value: $0.value) }
        }
        var batches = pairs(record.tags).chunked(Self.pairsMax).map { Batch(run_id: id, tags: $0) }
        batches += pairs(record.parameters).chunked(Self.pairsMax).map { Batch(run_id: id, params: $0) }
        batches += record.metrics.chunked(Self.metricsMax).map { Batch(run_id: id, metrics: $0) }
        for batch in batches { let _: MLflowNothing = try await post("runs/log-batch", batch) }
    }

    /// Says how the run ended.
    func end(_ id: String, _ record: TrackingRecord) async throws {
        struct End: Encodable {
            let run_id: String
            let status: String
            let end_time: Int64
        }
        let _: MLflowNothing = try await post(
            "runs/update", End(run_id: id, status: record.status.rawValue, end_time: record.endedAtMs))
    }
}

extension Array {
    /// The elements in groups of at most `count`.
    fileprivate func chunked(_ count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
