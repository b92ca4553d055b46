// Prepared data as it is read back: small, clean and verified, so that a later step neither reads the sources again nor
// wonders what they hold.

package import Learning
import Models
package import Stores

/// What later steps are given.
package struct PreparedData: Sendable {
    /// Clean events, the catalogue, and what was known of it as of any time. What its parts count as dropped is nothing,
    /// since it was dropped before; the counts are in the report.
    package let data: TrainingData
    /// Events after the newest property row, over the same items and with users of their own; never trained on.
    package let lastEvents: InteractionTable
    /// What became of every row.
    package let report: PreparationReport
    /// Where it is stored.
    package let manifest: PreparedDataManifest
    /// Whether an earlier run had prepared it.
    package let isReused: Bool
}

/// Reads the files of one preparation.
struct PreparedDataReading {
    let store: PreparedDataStore
    let parameters: PreparationParameters
    let progress: ProgressFilter

    /// Reads everything that the manifest names. Throws a `StoreError` if anything is missing or not as promised.
    func read(_ manifest: PreparedDataManifest, isReused: Bool) async throws -> PreparedData {
        let report: PreparationReport
        do { report = try PreparationReport(json: try await store.report(of: manifest)) } catch let error
            as DecodingError
        {
            throw StoreError(.corrupted, "the report of the prepared data is not of the expected form: \(error)")
        }
        var builder = TrainingDataBuilder(
            types: parameters.types, latestMs: .max, dropsDuplicates: parameters.dropsDuplicates)
        try await readItems(manifest, into: &builder)
        try await readEvents(.events, manifest, 0.8) { builder.add($0) }
        try await readEvents(.lastEvents, manifest, 0.9) { builder.addLast($0) }
        progress.report(.prepare, share: 0.95, "\(report.events.trainedOn) events")
        try Task.checkCancellation()
        let (data, lastEvents) = builder.buildWithLastEvents()
        progress.report(.prepare, share: 1, "\(report.events.trainedOn) events")
        return PreparedData(
            data: data, lastEvents: lastEvents, report: report, manifest: manifest, isReused: isReused)
    }

    private func readItems(_ manifest: PreparedDataManifest, into builder: inout TrainingDataBuilder) async throws {
        progress.report(.prepare, share: 0.72, PreparedFile.items.name)
        var items = ItemListParser(file: PreparedFile.items.name)
        try await store.read(.items, of: manifest) { chunk in
            try Task.checkCancellation()
            try items.read(chunk) { builder.add($0) }
        }
        _ = try items.finish { builder.add($0) }

        var properties = ItemPropertyParser(
            file: PreparedFile.itemProperties.name, numericProperty: parameters.numericProperty, faultShareMax: 0)
        try await store.read(.itemProperties, of: manifest) { chunk in
            try Task.checkCancellation()
            try properties.read(chunk) { builder.add($0) }
        }
        _ = try properties.finish { builder.add($0) }

        var categories = CategoryTreeParser(file: PreparedFile.categoryTree.name, faultShareMax: 0)
        try await store.read(.categoryTree, of: manifest) { chunk in
            try categories.read(chunk) { builder.add($0) }
        }
        _ = try categories.finish { builder.add($0) }
    }

    private func readEvents(
        _ file: PreparedFile, _ manifest: PreparedDataManifest, _ share: Double, _ add: (EventRow) -> Void
    ) async throws {
        progress.report(.prepare, share: share, file.name)
        var parser = EventLogParser(file: file.name, types: parameters.types, faultShareMax: 0, allowsNoRows: true)
        try await store.read(file, of: manifest) { chunk in
            try Task.checkCancellation()
            try parser.read(chunk, event: add)
        }
        _ = try parser.finish(event: add)
    }
}
