// One run from source data to a release: read, prepare, compute, write, publish. The release exists once its manifest
// is written; a run that fails or is cancelled before leaves files that nobody looks at.

import FoundationEssentials
import Learning
package import Models
package import Stores

/// Computes a release from the source data.
package struct CalculateRecommendations: Sendable {
    private let source: SourceDataStore
    private let releases: ReleaseStore
    private let parameters: TrainingParameters

    package init(
        source: SourceDataStore, releases: ReleaseStore, parameters: TrainingParameters = TrainingParameters()
    ) {
        self.source = source
        self.releases = releases
        self.parameters = parameters
    }

    /// Makes a release and returns its manifest. The same files, parameters and time make the same bytes.
    ///
    /// - Parameters:
    ///   - nowMs: The time of the release, Unix ms. Events after it are dropped and counted.
    ///   - producer: What the manifest says made it, for people.
    ///   - listener: Hears every step's beginning and every percent after it, from whatever task is at work.
    /// - Throws: ``TrainerError`` if there is nothing to train on, `LearningError` if a file is unusable, `StoreError`,
    ///   or `CancellationError` within milliseconds of the task's cancellation.
    @concurrent
    package func run(
        nowMs: Int64, producer: String, progress listener: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> ReleaseManifest {
        let progress = ProgressFilter(listener)
        var preparation = PreparationParameters()
        preparation.types = parameters.types
        let reading = SourceDataReading(
            source: source, archive: nil, parameters: preparation, latestMs: nowMs, progress: progress)
        let content = try await reading.read(try await reading.files())
        try check(content.data)
        let similar = SimilarItems(content.data, parameters: parameters.similar)
        let lists = try await SimilarItemsRun(similar: similar, progress: progress).lists()

        let release = name(digest: content.digest, nowMs: nowMs)
        let writing = ReleaseWriting(store: releases, release: release, data: content.data)
        progress.report(.write, share: 0, "\(lists.entryCount) similar items")
        var files: [ReleaseList: ReleaseFile] = [:]
        files[.items] = try await writing.writeItems()
        files[.similar] = try await writing.writeSimilar(lists)
        progress.report(.write, share: 0.6, "popular items")
        let popular = PopularItems(content.data, parameters: parameters.popular)
        files[.popular] = try await writing.writePopular(popular)
        let ranker = try await learnRanker(content.data, nowMs: nowMs, progress)
        let users = "\(content.data.interactions.users.count) users"
        if let ranker {
            let ranked = try await ranking(content.data, ranker, nowMs: nowMs, progress)
            files[.offline] = try await writing.writeRanked(ranked) { share in
                progress.report(.offline, share: share, users)
            }
        } else {
            let offline = OfflineLists(content.data, similar: lists, parameters: parameters.offline)
            files[.offline] = try await writing.writeOffline(offline) { share in
                progress.report(.offline, share: share, users)
            }
        }

        progress.report(.publish, share: 0, release)
        try Task.checkCancellation()
        let manifest = ReleaseManifest(
            release: release, createdAtMs: nowMs, producer: producer,
            trainedThroughMs: content.data.interactions.newestMs, files: files, parameters: parameters.described,
            metrics: metrics(content, ranker))
        try await releases.publish(manifest)
        progress.report(.publish, share: 1, release)
        return manifest
    }

    /// A ranker that has learned from the past; nil if there is too little of it.
    private func learnRanker(
        _ data: TrainingData, nowMs: Int64, _ progress: ProgressFilter
    ) async throws -> Ranker? {
        guard let newestMs = data.interactions.newestMs else { return nil }
        progress.report(.rank, share: 0, "candidates of the past")
        let parameters = parameters.ranker
        let report = { @Sendable (share: Double) in
            progress.report(.rank, share: share * 0.8, "candidates of the past")
        }
        return try await computing(report: report) {
            try Ranker.learn(data, atMs: newestMs + 1, parameters: parameters, control: $0)
        }
    }

    private func ranking(
        _ data: TrainingData, _ ranker: Ranker, nowMs: Int64, _ progress: ProgressFilter
    ) async throws -> RankedOfflineLists {
        let (parameters, lists) = (parameters.ranker, parameters.offline)
        let atMs = (data.interactions.newestMs ?? nowMs) + 1
        let report = { @Sendable (share: Double) in
            progress.report(.rank, share: 0.8 + share * 0.2, "candidates of the present")
        }
        return try await computing(report: report) {
            try RankedOfflineLists(
                data, atMs: atMs, ranker: ranker, parameters: parameters, lists: lists, control: $0)
        }
    }

    private func check(_ data: TrainingData) throws {
        guard data.interactions.count > 0 else {
            throw TrainerError(
                message: "all \(data.interactions.tooLate) events lie after the present time; is the clock right?")
        }
        guard data.catalogue.availableCount > 0 else {
            throw TrainerError(
                message: "none of the \(data.catalogue.count) items is available, so nothing could be recommended; "
                    + "look at the `available` rows of the item properties")
        }
    }

    /// `r20260101T000000Z-1a2b3c4d`: sorts by time, and tells runs of one second over different data apart.
    private func name(digest: ContentDigest, nowMs: Int64) -> String {
        var digest = digest
        for (key, value) in parameters.described.sorted(by: { $0.key < $1.key }) { digest.add("\(key)=\(value)\n") }
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        let time = Date(timeIntervalSince1970: Double(nowMs / 1_000)).formatted(style)
        return "r\(time)-\(digest.shortHex)"
    }

    private func metrics(_ content: SourceDataContent, _ ranker: Ranker?) -> [String: Double] {
        let interactions = content.data.interactions
        var metrics = [
            "interactions": Double(interactions.count),
            "users": Double(interactions.users.count),
            "items": Double(content.data.catalogue.count),
            "items_available": Double(content.data.catalogue.availableCount),
            "duplicate_events": Double(interactions.duplicates),
            "future_events": Double(interactions.tooLate),
            "category_orphans": Double(content.data.catalogue.forest.orphans),
            "category_cycles": Double(content.data.catalogue.forest.cycles),
        ]
        for report in content.reports {
            metrics["unusable_rows.\(report.input.file.name)"] = Double(report.rows.faultyRows)
        }
        if let ranker {
            metrics["ranker.rows"] = Double(ranker.figures.rows)
            metrics["ranker.users"] = Double(ranker.figures.users)
            metrics["ranker.hits"] = Double(ranker.figures.hits)
            metrics["ranker.candidate_recall"] = ranker.figures.candidateRecall
            for (feature, gain) in ranker.importance { metrics["ranker.gain.\(feature)"] = gain }
        }
        return metrics
    }
}
