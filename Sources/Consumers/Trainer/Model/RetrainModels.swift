// From prepared data to a model: parameters are looked for, judged on the end of the log, and then used on all of it. The
// search never sees the period that the result is judged by.

import FoundationEssentials
import Learning
package import Stores

/// Trains models.
package struct RetrainModels: Sendable {
    private let models: ModelStore
    private let parameters: TrainingParameters

    /// The steps that a run takes.
    static func plan(_ parameters: TrainingParameters) -> [TrainingStep] {
        (parameters.search.trials > 1 ? [.search] : [])
            + (parameters.evaluation.usersMax > 0 ? [.evaluate] : []) + [.learn]
    }

    package init(models: ModelStore, parameters: TrainingParameters = TrainingParameters()) {
        self.models = models
        self.parameters = parameters
    }

    /// Trains a model into a slot, or finds there one that was trained from the same data with the same settings.
    ///
    /// - Parameters:
    ///   - author: By whose word it comes into use, if the slot is the one in use.
    ///   - isForced: Whether a model is trained even if nothing has changed.
    /// - Throws: `StoreError`, `BoostingError`, or `CancellationError` between blocks of work of milliseconds.
    @concurrent
    package func run(
        _ prepared: PreparedData, into slot: ModelSlot, author: String? = nil, nowMs: Int64, isForced: Bool = false,
        progress listener: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> (manifest: ModelManifest, isReused: Bool) {
        let progress = ProgressFilter(Self.plan(parameters), listener)
        return try await run(
            prepared, into: slot, author: author, nowMs: nowMs, isForced: isForced, progress: progress)
    }

    /// The same as a part of a longer run.
    func run(
        _ prepared: PreparedData, into slot: ModelSlot, author: String?, nowMs: Int64, isForced: Bool,
        progress: ProgressFilter
    ) async throws -> (manifest: ModelManifest, isReused: Bool) {
        let origin = self.origin(prepared)
        // One that this build cannot read is one to be trained again.
        if !isForced, let current = try? await models.manifest(in: slot), current.origin == origin {
            progress.report(.learn, share: 1, "model \(current.model), as trained before")
            return (current, true)
        }
        let (ranker, search) = try await search(prepared.data, progress)
        var found = parameters
        found.ranker = ranker
        let evaluation = try await evaluate(prepared.data, ranker, progress)
        let learned = try await learn(prepared.data, ranker, progress)
        try Task.checkCancellation()
        let content = try content(
            prepared, found, learned, evaluation, search, origin: origin, nowMs: nowMs)
        let manifest = try await models.keep(content, in: slot, author: author, nowMs: nowMs)
        progress.report(.learn, share: 1, "model \(manifest.model)")
        return (manifest, false)
    }

    private func search(
        _ data: TrainingData, _ progress: ProgressFilter
    ) async throws -> (RankerParameters, SearchReport?) {
        let (search, first) = (parameters.search, parameters.ranker)
        guard search.trials > 1, let heldOutMs = data.lastPeriod(share: parameters.evaluation.heldOutShare) else {
            return (first, nil)
        }
        progress.report(.search, share: 0, "\(search.trials) trials of each part")
        let deadline = search.minutesMax.map { ContinuousClock.now + .seconds($0 * 60) }
        let report = { @Sendable share in
            progress.report(.search, share: share, "\(search.trials) trials of each part")
        }
        return try await computing(report: report) { control in
            let searching = HyperparameterSearch(data.before(heldOutMs.lowerBound), search, control: control) {
                deadline.map { ContinuousClock.now >= $0 } ?? false
            }
            guard let found = try searching?.run(first) else { return (first, nil) }
            return (found.parameters, found.report)
        }
    }

    private func evaluate(
        _ data: TrainingData, _ ranker: RankerParameters, _ progress: ProgressFilter
    ) async throws -> Evaluation? {
        guard parameters.evaluation.usersMax > 0 else { return nil }
        progress.report(.evaluate, share: 0, "on the end of the log")
        let evaluation = parameters.evaluation
        let report = { @Sendable share in progress.report(.evaluate, share: share, "on the end of the log") }
        return try await computing(report: report) {
            try Evaluator.evaluate(data, ranker: ranker, evaluation, control: $0)
        }
    }

    /// A ranker that has learned from all of the past; nil if there is too little of it.
    private func learn(
        _ data: TrainingData, _ parameters: RankerParameters, _ progress: ProgressFilter
    ) async throws -> Ranker? {
        guard let newestMs = data.interactions.newestMs else { return nil }
        progress.report(.learn, share: 0, "from candidates of the past")
        let report = { @Sendable share in
            progress.report(.learn, share: share * 0.99, "from candidates of the past")
        }
        return try await computing(report: report) {
            try Ranker.learn(data, atMs: newestMs + 1, parameters: parameters, control: $0)
        }
    }

    private func content(
        _ prepared: PreparedData, _ found: TrainingParameters, _ ranker: Ranker?, _ evaluation: Evaluation?,
        _ search: SearchReport?, origin: String, nowMs: Int64
    ) throws -> ModelContent {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        var files: [ModelFile: [UInt8]] = [
            .description: Array(try encoder.encode(ModelDescription(found, ranker, search)))
        ]
        if let ranker { files[.ranker] = ranker.model }
        if let evaluation {
            files[.evaluation] = try evaluation.json()
            files[.picture] = Array(EvaluationPicture(evaluation).svg.utf8)
        }
        return ModelContent(
            model: "m\(TimestampedName.time(nowMs))-\(origin)", createdAtMs: nowMs,
            trainedThroughMs: prepared.data.interactions.newestMs, preparation: prepared.manifest.preparation,
            origin: origin, parameters: found.described.merging(found.judgingDescribed) { own, _ in own },
            metrics: ModelMetrics.metrics(evaluation, ranker, search), files: files)
    }

    /// What the model depends on.
    private func origin(_ prepared: PreparedData) -> String {
        var digest = ContentDigest()
        digest.add(prepared.manifest.preparation)
        let texts = parameters.described.merging(parameters.judgingDescribed) { own, _ in own }
        for (key, value) in texts.sorted(by: { $0.key < $1.key }) { digest.add("\(key)=\(value)\n") }
        return digest.shortHex
    }
}

/// Names that sort by time.
enum TimestampedName {
    /// `20260101T000000Z`, UTC.
    static func time(_ nowMs: Int64) -> String {
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        return Date(timeIntervalSince1970: Double(nowMs / 1_000)).formatted(style)
    }
}
