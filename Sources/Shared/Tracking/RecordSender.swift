// From a record to a run in MLflow. It may die between any two steps and is begun again: what is there already is found by
// our own names, in tags, and not made a second time.

import Stores

/// Sends records.
struct RecordSender: Sendable {
    let client: MLflowClient
    let experiment: String
    let model: String

    /// Writes a run down; the version of the model that came of it, nil for none.
    /// - Parameter file: reads a file that waits beside the record; nil if it is gone.
    /// - Throws: ``MLflowFailure``, `StoreError`, `CancellationError`.
    func send(_ record: TrackingRecord, file: (String) async throws -> [UInt8]?) async throws {
        let experimentID = try await client.experiment(experiment)
        let run = try await run(of: record, in: experimentID)
        try await client.log(record, to: run.info.run_id)
        try await sendFiles(record, of: run, file)
        if let trained = record.model {
            try await register(trained, record.modelDescription ?? trained, run.info.run_id)
        }
        try await client.end(run.info.run_id, record)
    }

    /// The run in MLflow, made if there is none. Should two senders have made one each, all of them keep the same one.
    private func run(of record: TrackingRecord, in experimentID: String) async throws -> MLflowRun {
        if try await client.runs(named: record.run, in: experimentID).isEmpty {
            try await client.createRun(record, in: experimentID)
        }
        let runs = try await client.runs(named: record.run, in: experimentID)
        guard let first = runs.first else {
            throw MLflowFailure(.away, "run \(record.run) was made a moment ago and is not there")
        }
        for other in runs.dropFirst() { try await client.deleteRun(other.info.run_id) }
        return first
    }

    private func sendFiles(
        _ record: TrackingRecord, of run: MLflowRun, _ file: (String) async throws -> [UInt8]?
    ) async throws {
        guard !record.files.isEmpty else { return }
        let scheme = "mlflow-artifacts:/"
        guard let uri = run.info.artifact_uri, uri.hasPrefix(scheme) else {
            throw MLflowFailure(
                .misconfigured,
                "the server does not take artifacts itself; start it with --artifacts-destination, and use an experiment "
                    + "made since then (MLFLOW_EXPERIMENT)")
        }
        let root = uri.dropFirst(scheme.count).drop { $0 == "/" }
        for wanted in record.files {
            // A record that was dropped in the meantime has no files; its end is the caller's to see.
            guard let bytes = try await file(wanted.name) else { continue }
            try await client.upload(bytes, to: "\(root)/\(wanted.path)")
        }
    }

    private func register(_ trained: String, _ description: String, _ run: String) async throws {
        try await client.ensureModel(model)
        if try await client.version(of: trained, in: model) == nil {
            try await client.createVersion(of: trained, description, run: run, in: model)
        }
    }
}
