// From files as they come to data that can be trained on: read, judged, written, read back. What was prepared from the
// same files in the same way is used again; what a run leaves unfinished is never seen, since its manifest comes last.

import Learning
import Models
package import Stores

/// Prepares training data.
package struct PrepareData: Sendable {
    private let source: SourceDataStore
    private let archive: EventArchiveStore?
    private let prepared: PreparedDataStore
    private let parameters: PreparationParameters

    /// `archive` holds events that the stream has let go of; nil to leave them out.
    package init(
        source: SourceDataStore, archive: EventArchiveStore?, prepared: PreparedDataStore,
        parameters: PreparationParameters = PreparationParameters()
    ) {
        self.source = source
        self.archive = archive
        self.prepared = prepared
        self.parameters = parameters
    }

    /// Prepares data, or finds it prepared. The same files, parameters and time make the same bytes.
    ///
    /// - Parameters:
    ///   - nowMs: The present, Unix ms. Rows after it are dropped and counted.
    ///   - isForced: Whether data is prepared anew even if nothing has changed.
    ///   - listener: Hears the beginning of ``TrainingStep/read`` and ``TrainingStep/prepare`` and every percent after.
    /// - Throws: ``TrainerError`` if there is nothing to train on, `LearningError` with file and line if a file is
    ///   unusable, `StoreError`, or `CancellationError`.
    @concurrent
    package func run(
        nowMs: Int64, isForced: Bool = false,
        progress listener: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> PreparedData {
        try await run(nowMs: nowMs, isForced: isForced, progress: ProgressFilter([.read, .prepare], listener))
    }

    /// The same as a part of a longer run.
    func run(nowMs: Int64, isForced: Bool, progress: ProgressFilter) async throws -> PreparedData {
        let day = try parameters.checkedDay()
        let sources = SourceDataReading(
            source: source, archive: archive, parameters: parameters, latestMs: nowMs, progress: progress)
        let reading = PreparedDataReading(store: prepared, parameters: parameters, progress: progress)
        progress.report(.read, share: 0, "listing files")
        let files = try await sources.files()
        let current = try await prepared.manifest()
        if !isForced, let current, isUpToDate(current, files, nowMs) {
            // Somebody may have removed or changed what was prepared; the sources are still there.
            if let reused = try await reuse(current) {
                progress.report(.prepare, share: 1, "\(reused.report.events.trainedOn) events, as prepared before")
                return reused
            }
        }
        let manifest = try await prepare(sources, files, day, nowMs)
        // Behind this point everything is done; what is left over is the next run's business.
        try? await prepared.removeOlder(than: manifest.preparation, except: current?.preparation)
        return try await reading.read(manifest, isReused: false)
    }

    /// What an earlier run prepared; nil if it is not what it was. Nobody hears of its progress, since it may have to be
    /// taken back.
    private func reuse(_ manifest: PreparedDataManifest) async throws -> PreparedData? {
        let reading = PreparedDataReading(store: prepared, parameters: parameters, progress: .silent)
        do { return try await reading.read(manifest, isReused: true) } catch let error as StoreError
            where error.code == .corrupted || error.code == .notFound
        { return nil } catch is LearningError {
            // A changed file may fail to parse before its checksum is known to be wrong.
            return nil
        }
    }

    /// Reads, judges and writes. What it held is given back before the result is read.
    private func prepare(
        _ sources: SourceDataReading, _ files: [InputFile], _ day: OperatingDay, _ nowMs: Int64
    ) async throws -> PreparedDataManifest {
        let content = try await sources.read(files)
        let data = content.data
        let cleaning = EventCleaning(
            data, types: parameters.types, day: day, parameters: parameters.cleaning,
            archivedFromMs: content.firstArchivedMs)
        try check(content, cleaning)
        let report = PreparationReport(
            content, cleaning: cleaning, day: day, parameters: parameters, nowMs: nowMs)
        sources.progress.report(.prepare, share: 0.2, "\(report.events.trainedOn) events to train on")

        let preparation = name(content.digest, nowMs)
        let text = PreparedText(
            data, cleaning: cleaning, types: parameters.types, numericProperty: parameters.numericProperty)
        let writing = PreparedDataWriting(
            store: prepared, preparation: preparation, data: data, text: text, progress: sources.progress)
        let written = try await writing.write()
        try await prepared.write(report: try report.json(), of: preparation)
        try Task.checkCancellation()
        let late = [data.interactions.lateRows.earliestMs, data.history.tooLate.earliestMs].compactMap { $0 }.min()
        let manifest = PreparedDataManifest(
            preparation: preparation, createdAtMs: nowMs, inputs: inputs(files), parameters: parameters.described,
            knownFromMs: max(data.interactions.newestMs ?? 0, data.history.windowMs?.upperBound ?? 0),
            knownUntilMs: late, files: written)
        try await prepared.publish(manifest)
        return manifest
    }

    private func isUpToDate(_ manifest: PreparedDataManifest, _ files: [InputFile], _ nowMs: Int64) -> Bool {
        manifest.inputs == inputs(files) && manifest.parameters == parameters.described
            && manifest.knownFromMs <= nowMs && manifest.knownUntilMs.map { nowMs < $0 } ?? true
    }

    private func inputs(_ files: [InputFile]) -> [PreparedInput] {
        files.map { input in
            PreparedInput(
                name: "\(input.kind.rawValue) \(input.file.name)", bytes: input.file.bytes, etag: input.file.etag)
        }
    }

    private func check(_ content: SourceDataContent, _ cleaning: EventCleaning) throws {
        let table = content.data.interactions
        guard table.count > 0 else {
            throw TrainerError(
                message: table.tooLate > 0
                    ? "all \(table.tooLate) events lie after the present time; is the clock right?"
                    : "the files hold no event")
        }
        guard cleaning.counts[.trainedOn, default: 0] > 0 else {
            func count(_ fate: EventFate) -> Int { cleaning.counts[fate, default: 0] }
            throw TrainerError(
                message: "none of the \(table.count) events can be trained on: \(count(.bot)) are of bot-like users, "
                    + "\(count(.itemWithoutCategory)) about items without a category of the tree, \(count(.setAside)) "
                    + "later than the newest property row; change the limits or the files")
        }
    }

    /// Sorts by time: milliseconds have thirteen digits until the year 2286.
    private func name(_ contentDigest: ContentDigest, _ nowMs: Int64) -> String {
        var digest = contentDigest
        for (key, value) in parameters.described.sorted(by: { $0.key < $1.key }) { digest.add("\(key)=\(value)\n") }
        return "p\(nowMs)-\(digest.shortHex)"
    }
}
