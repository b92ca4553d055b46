// From prepared data and a model to the lists of a release. The release waits as a draft: it exists once it is published,
// and a run that fails or is cancelled before leaves files that nobody looks at.

import Learning
package import Models
package import Stores

/// Computes the lists of a release.
package struct CalculateRecommendations: Sendable {
    private let releases: ReleaseStore
    private let drafts: ReleaseDrafts
    private let parameters: TrainingParameters

    /// The steps that a run takes.
    static let plan: [TrainingStep] = [.similar, .write, .candidates, .offline]

    /// `parameters` says how long lists are and who gets one; how they are made is the model's.
    package init(
        releases: ReleaseStore, drafts: ReleaseDrafts, parameters: TrainingParameters = TrainingParameters()
    ) {
        self.releases = releases
        self.drafts = drafts
        self.parameters = parameters
    }

    /// Computes lists and returns the manifest that they wait with. The same data, model and settings make the same
    /// bytes.
    ///
    /// - Parameters:
    ///   - nowMs: The time of the release, Unix ms.
    ///   - producer: What the manifest says made it, for people.
    ///   - listener: Hears every step's beginning and every percent after it, from whatever task is at work.
    /// - Throws: ``TrainerError`` if nothing could be recommended, `StoreError`, `BoostingError`, or `CancellationError`
    ///   within milliseconds of the task's cancellation.
    @concurrent
    package func run(
        _ prepared: PreparedData, model: TrainedModel, nowMs: Int64, producer: String,
        progress listener: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> ReleaseManifest {
        let progress = ProgressFilter(Self.plan, listener)
        return try await run(prepared, model: model, nowMs: nowMs, producer: producer, progress: progress)
    }

    /// The same as a part of a longer run.
    func run(
        _ prepared: PreparedData, model: TrainedModel, nowMs: Int64, producer: String, progress: ProgressFilter
    ) async throws -> ReleaseManifest {
        let data = prepared.data
        guard data.catalogue.availableCount > 0 else {
            throw TrainerError(
                message: "none of the \(data.catalogue.count) items is available, so nothing could be recommended; "
                    + "look at the `available` rows of the item properties")
        }
        var used = model.parameters
        used.types = parameters.types
        used.offline = parameters.offline
        used.popular = parameters.popular
        used.offline.excludesTouched = !used.ranker.recommendsTouched
        let similar = SimilarItems(data, parameters: used.similar)
        let lists = try await SimilarItemsRun(similar: similar, progress: progress).lists()

        let release = name(prepared, model, used, nowMs: nowMs)
        let writing = ReleaseWriting(store: releases, release: release, data: data)
        progress.report(.write, share: 0, "\(lists.entryCount) similar items")
        var files: [ReleaseList: ReleaseFile] = [:]
        files[.items] = try await writing.writeItems()
        files[.similar] = try await writing.writeSimilar(lists)
        progress.report(.write, share: 0.6, "popular items")
        files[.popular] = try await writing.writePopular(PopularItems(data, parameters: used.popular))
        files[.offline] = try await offline(data, model.ranker, used, lists, writing, progress)

        try Task.checkCancellation()
        let manifest = ReleaseManifest(
            release: release, createdAtMs: nowMs, producer: producer,
            trainedThroughMs: data.interactions.newestMs, files: files,
            parameters: used.described.merging([
                "model": model.manifest.model, "preparation": prepared.manifest.preparation,
            ]) { own, _ in own },
            metrics: metrics(prepared, model))
        try await drafts.save(manifest)
        progress.report(.offline, share: 1, release)
        return manifest
    }

    private func offline(
        _ data: TrainingData, _ ranker: Ranker?, _ used: TrainingParameters, _ similar: RankedLists,
        _ writing: ReleaseWriting, _ progress: ProgressFilter
    ) async throws -> ReleaseFile {
        let users = "\(data.interactions.users.count) users"
        guard let ranker, let newestMs = data.interactions.newestMs else {
            let offline = OfflineLists(data, similar: similar, parameters: used.offline)
            progress.report(.candidates, share: 1, "similar items; there was too little to learn from")
            return try await writing.writeOffline(offline) { share in
                progress.report(.offline, share: share, users)
            }
        }
        progress.report(.candidates, share: 0, "of the present")
        let (parameters, lists) = (used.ranker, used.offline)
        let report = { @Sendable share in progress.report(.candidates, share: share, "of the present") }
        let ranked = try await computing(report: report) {
            try RankedOfflineLists(
                data, atMs: newestMs + 1, ranker: ranker, parameters: parameters, lists: lists, control: $0)
        }
        return try await writing.writeRanked(ranked) { share in progress.report(.offline, share: share, users) }
    }

    /// `r20260101T000000Z-1a2b3c4d`: sorts by time, and tells runs of one second over different data apart.
    private func name(
        _ prepared: PreparedData, _ model: TrainedModel, _ used: TrainingParameters, nowMs: Int64
    ) -> String {
        var digest = ContentDigest()
        digest.add(prepared.manifest.preparation)
        digest.add(model.manifest.model)
        for (key, value) in used.described.sorted(by: { $0.key < $1.key }) { digest.add("\(key)=\(value)\n") }
        return "r\(TimestampedName.time(nowMs))-\(digest.shortHex)"
    }

    private func metrics(_ prepared: PreparedData, _ model: TrainedModel) -> [String: Double] {
        let (data, report) = (prepared.data, prepared.report)
        var metrics = [
            "interactions": Double(data.interactions.count),
            "users": Double(data.interactions.users.count),
            "items": Double(data.catalogue.count),
            "items_available": Double(data.catalogue.availableCount),
            "duplicate_events": Double(report.events.duplicates),
            "future_events": Double(report.events.afterPresent),
            "category_orphans": Double(report.categories.orphans),
            "category_cycles": Double(report.categories.cycles),
        ]
        for input in report.inputs {
            metrics["unusable_rows.\(input.name)"] = Double(input.faults.reduce(0) { $0 + $1.rows })
        }
        for (name, value) in model.manifest.metrics { metrics["model.\(name)"] = value }
        return metrics
    }
}
