// From the source files to training data. Files are told apart by their names, as RetailRocket names them:
// events*.csv, item_properties*.csv and category_tree*.csv, each also with .gz.

import Learning
import Stores

/// What came out of the source files.
struct SourceDataContent {
    let data: TrainingData
    /// What became of the rows, by file.
    let reports: [(file: String, report: RowReport)]
    /// Fingerprint of the names and bytes of all files that were read.
    let digest: ContentDigest
}

/// Streams source files into training data.
struct SourceDataReading {
    let store: SourceDataStore
    let parameters: TrainingParameters
    /// Later events are not believed, Unix ms.
    let latestMs: Int64
    let progress: @Sendable (TrainingProgress) -> Void

    /// The kinds of source files.
    private enum Kind: String, CaseIterable {
        case events
        case properties = "item_properties"
        case categories = "category_tree"

        init?(_ name: String) {
            guard name.hasSuffix(".csv") || name.hasSuffix(".csv.gz") else { return nil }
            guard let kind = Self.allCases.first(where: { name.hasPrefix($0.rawValue) }) else { return nil }
            self = kind
        }
    }

    /// Reads all files in the order of their names.
    func read() async throws -> SourceDataContent {
        let files = try await store.files().compactMap { file in Kind(file.name).map { (kind: $0, file: file) } }
        guard files.contains(where: { $0.kind == .events }) else {
            throw TrainerError(
                message: "the source data holds no events*.csv; put a log there, or make one with "
                    + "`freshet sample-data`")
        }
        var builder = TrainingDataBuilder(types: parameters.types, latestMs: latestMs)
        var digest = ContentDigest()
        var reports: [(file: String, report: RowReport)] = []
        let bytes = files.reduce(0) { $0 + $1.file.bytes }
        var bytesDone = 0
        for (kind, file) in files {
            let share = Double(bytesDone) / Double(max(bytes, 1))
            progress(TrainingProgress(step: .read, share: share, detail: file.name))
            digest.add(file.name)
            let report =
                switch kind {
                case .events: try await readEvents(file.name, into: &builder, &digest)
                case .properties: try await readProperties(file.name, into: &builder, &digest)
                case .categories: try await readCategories(file.name, into: &builder, &digest)
                }
            reports.append((file.name, report))
            bytesDone += file.bytes
        }
        let rows = reports.reduce(0) { $0 + $1.report.rows }
        progress(TrainingProgress(step: .prepare, share: 0, detail: "\(rows) rows in \(files.count) files"))
        return SourceDataContent(data: builder.build(), reports: reports, digest: digest)
    }

    private func readEvents(
        _ name: String, into builder: inout TrainingDataBuilder, _ digest: inout ContentDigest
    ) async throws -> RowReport {
        var parser = EventLogParser(file: name, types: parameters.types)
        for try await chunk in try await store.text(name) {
            try Task.checkCancellation()
            digest.add(chunk)
            try parser.read(chunk) { builder.add($0) }
        }
        return try parser.finish { builder.add($0) }
    }

    private func readProperties(
        _ name: String, into builder: inout TrainingDataBuilder, _ digest: inout ContentDigest
    ) async throws -> RowReport {
        var parser = ItemPropertyParser(file: name)
        for try await chunk in try await store.text(name) {
            try Task.checkCancellation()
            digest.add(chunk)
            try parser.read(chunk) { builder.add($0) }
        }
        return try parser.finish { builder.add($0) }
    }

    private func readCategories(
        _ name: String, into builder: inout TrainingDataBuilder, _ digest: inout ContentDigest
    ) async throws -> RowReport {
        var parser = CategoryTreeParser(file: name)
        for try await chunk in try await store.text(name) {
            try Task.checkCancellation()
            digest.add(chunk)
            try parser.read(chunk) { builder.add($0) }
        }
        return try parser.finish { builder.add($0) }
    }
}
