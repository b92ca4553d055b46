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
    let progress: ProgressFilter

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
        var position = Position(bytesAll: files.reduce(0) { $0 + $1.file.bytes })
        var reports: [(file: String, report: RowReport)] = []
        for (kind, file) in files {
            let report =
                switch kind {
                case .events: try await readEvents(file, &position, into: &builder)
                case .properties: try await readProperties(file, &position, into: &builder)
                case .categories: try await readCategories(file, &position, into: &builder)
                }
            reports.append((file.name, report))
        }
        let rows = reports.reduce(0) { $0 + $1.report.rows }
        progress.report(.prepare, share: 0, "\(rows) rows in \(files.count) files")
        return SourceDataContent(data: builder.build(), reports: reports, digest: position.digest)
    }

    /// How far reading has come, and what has been read.
    private struct Position {
        /// Stored bytes of all files.
        let bytesAll: Int
        /// Stored bytes of the files that are read.
        var bytesDone = 0
        var digest = ContentDigest()
    }

    private func readEvents(
        _ file: SourceFile, _ position: inout Position, into builder: inout TrainingDataBuilder
    ) async throws -> RowReport {
        var parser = EventLogParser(file: file.name, types: parameters.types)
        try await forEachChunk(of: file, &position) { chunk in try parser.read(chunk) { builder.add($0) } }
        return try parser.finish { builder.add($0) }
    }

    private func readProperties(
        _ file: SourceFile, _ position: inout Position, into builder: inout TrainingDataBuilder
    ) async throws -> RowReport {
        var parser = ItemPropertyParser(file: file.name)
        try await forEachChunk(of: file, &position) { chunk in try parser.read(chunk) { builder.add($0) } }
        return try parser.finish { builder.add($0) }
    }

    private func readCategories(
        _ file: SourceFile, _ position: inout Position, into builder: inout TrainingDataBuilder
    ) async throws -> RowReport {
        var parser = CategoryTreeParser(file: file.name)
        try await forEachChunk(of: file, &position) { chunk in try parser.read(chunk) { builder.add($0) } }
        return try parser.finish { builder.add($0) }
    }

    private func forEachChunk(
        of file: SourceFile, _ position: inout Position, _ body: ([UInt8]) throws -> Void
    ) async throws {
        position.digest.add(file.name)
        var bytes = 0
        report(position, bytes, file)
        for try await chunk in try await store.text(file.name) {
            try Task.checkCancellation()
            position.digest.add(chunk)
            try body(chunk)
            bytes += chunk.count
            report(position, bytes, file)
        }
        position.bytesDone += file.bytes
    }

    /// A compressed file yields more bytes than it stores, so its progress runs ahead and then waits at its end.
    private func report(_ position: Position, _ bytes: Int, _ file: SourceFile) {
        let share = Double(position.bytesDone + min(bytes, file.bytes)) / Double(max(position.bytesAll, 1))
        progress.report(.read, share: share, file.name)
    }
}
