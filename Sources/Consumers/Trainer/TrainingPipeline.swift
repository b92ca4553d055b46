// A whole training run, in the order that its mode asks for. Every step can be repeated: what a run that died had finished
// is found again by the next one and not done twice.

package import Models
package import Stores

/// What a run came to.
package struct TrainingOutcome: Sendable {
    /// The release that was published.
    package let release: ReleaseManifest
    /// The model that its lists were made with.
    package let model: ModelManifest
    /// The candidate that waits for a person; nil where the new model is in use.
    package let retrained: ModelManifest?
}

/// Prepares, trains, computes lists and publishes them.
package struct TrainingPipeline: Sendable {
    private let stores: TrainingStores
    private let preparation: PreparationParameters
    private let parameters: TrainingParameters

    package init(
        stores: TrainingStores, preparation: PreparationParameters = PreparationParameters(),
        parameters: TrainingParameters = TrainingParameters()
    ) {
        self.stores = stores
        self.preparation = preparation
        self.parameters = parameters
    }

    /// Runs all steps. Where no model is in use yet, one is trained first, whatever the mode.
    ///
    /// - Parameters:
    ///   - nowMs: The present, Unix ms: later rows are not believed.
    ///   - producer: Who asked for it, for manifests.
    ///   - published: Called when the release exists, before a manual run goes on to train.
    ///   - listener: Hears every step's beginning and every percent after it.
    /// - Throws: ``TrainerError``, `LearningError`, `StoreError`, `BoostingError`, or `CancellationError`.
    @concurrent
    package func run(
        mode: TrainingMode, nowMs: Int64, producer: String,
        published: @Sendable (ReleaseManifest) async throws -> Void = { _ in },
        progress listener: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> TrainingOutcome {
        let inUse = try await TrainedModel.read(from: stores.models, .inUse)
        let trainsFirst = mode == .autonomous || inUse == nil
        let progress = ProgressFilter(plan(trainsFirst: trainsFirst), listener)
        let preparing = PrepareData(
            source: stores.source, archive: stores.archive, prepared: stores.prepared, parameters: preparation)
        let prepared = try await preparing.run(nowMs: nowMs, isForced: false, progress: progress)
        let training = RetrainModels(models: stores.models, parameters: parameters)
        if trainsFirst {
            _ = try await training.run(
                prepared, into: .inUse, author: producer, nowMs: nowMs, isForced: false, progress: progress)
        }
        guard let model = trainsFirst ? try await TrainedModel.read(from: stores.models, .inUse) : inUse else {
            throw StoreError(.notFound, "the model that was trained a moment ago is gone; run again")
        }
        let release = try await makeRelease(prepared, model, nowMs: nowMs, producer: producer, progress)
        try await published(release)
        guard !trainsFirst else { return TrainingOutcome(release: release, model: model.manifest, retrained: nil) }
        let (retrained, _) = try await training.run(
            prepared, into: .retrained, author: nil, nowMs: nowMs, isForced: false, progress: progress)
        return TrainingOutcome(release: release, model: model.manifest, retrained: retrained)
    }

    private func makeRelease(
        _ prepared: PreparedData, _ model: TrainedModel, nowMs: Int64, producer: String, _ progress: ProgressFilter
    ) async throws -> ReleaseManifest {
        let calculating = CalculateRecommendations(
            releases: stores.releases, drafts: stores.drafts, parameters: parameters)
        _ = try await calculating.run(prepared, model: model, nowMs: nowMs, producer: producer, progress: progress)
        progress.report(.publish, share: 0, "release")
        try Task.checkCancellation()
        let release = try await PublishRelease(releases: stores.releases, drafts: stores.drafts).run()
        progress.report(.publish, share: 1, release.release)
        return release
    }

    private func plan(trainsFirst: Bool) -> [TrainingStep] {
        let training = RetrainModels.plan(parameters)
        let lists = CalculateRecommendations.plan + [.publish]
        return [.read, .prepare] + (trainsFirst ? training + lists : lists + training)
    }
}
