// From the source files to training data. Files are told apart by their names, as RetailRocket names them:
// events*.csv, item_properties*.csv and category_tree*.csv, each also with .gz; and the archive's *.ndjson and
// *.ndjson.gz.

import Learning
import Models
import Stores

/// A file to read.
struct InputFile: Sendable {
    /// The kinds of files.
    enum Kind: String, CaseIterable, Codable, Sendable {
        case events
        case properties = "item_properties"
        case categories = "category_tree"
        /// Events that the stream has let go of.
        case archive

        /// The kind of a source file; nil for one that is none of ours.
        init?(sourceFile name: String) {
            guard name.hasSuffix(".csv") || name.hasSuffix(".csv.gz") else { return nil }
            let kinds = [Kind.events, .properties, .categories]
            guard let kind = kinds.first(where: { name.hasPrefix($0.rawValue) }) else { return nil }
            self = kind
        }
    }

    let kind: Kind
    let file: SourceFile
}

/// What a file was found to hold.
struct InputReport: Sendable {
    let input: InputFile
    /// SHA-256 of its stored bytes, in lower-case hex.
    let sha256: String
    let rows: RowReport
}

/// What came out of the source files.
struct SourceDataContent: Sendable {
    let data: TrainingData
    /// What became of the rows, by file.
    let reports: [InputReport]
    /// Archived events whose stream id repeated another's.
    let repeatedStreamIDs: Int
    /// Archived events whose user and event id repeated another's.
    let repeatedEventIDs: Int
    /// When the first archived event happened, Unix ms; nil if there is none.
    let firstArchivedMs: Int64?

    /// Fingerprint of the names and bytes of all files that were read.
    var digest: ContentDigest {
        var digest = ContentDigest()
        for report in reports { digest.add("\(report.input.file.name) \(report.sha256)\n") }
        return digest
    }
}

/// Streams source files into training data.
struct SourceDataReading {
    let source: SourceDataStore
    /// Where archived events are; nil to leave them out.
    let archive: EventArchiveStore?
    let parameters: PreparationParameters
    /// Later rows are not believed, Unix ms.
    let latestMs: Int64
    let progress: ProgressFilter

    /// The files that will be read, in their order: the source files by name, then the archive's, since of events with
    /// the same id the first counts.
    func files() async throws -> [InputFile] {
        var files = try await source.files().compactMap { file in
            InputFile.Kind(sourceFile: file.name).map { InputFile(kind: $0, file: file) }
        }
        for file in try await archive?.files() ?? []
        where file.name.hasSuffix(".ndjson") || file.name.hasSuffix(".ndjson.gz") {
            files.append(InputFile(kind: .archive, file: file))
        }
        guard files.contains(where: { $0.kind == .events || $0.kind == .archive }) else {
            throw TrainerError(
                message: "the source data holds no events*.csv; put a log there, or make one with "
                    + "`freshet sample-data`")
        }
        return files
    }

    /// Reads files in the order given. About 17 bytes an event and 16 a property row of interest are held, and every
    /// name once; what is built of them takes as much again for a moment.
    func read(_ files: [InputFile]) async throws -> SourceDataContent {
        var builder = TrainingDataBuilder(
            types: parameters.types, latestMs: latestMs, dropsDuplicates: parameters.dropsDuplicates)
        var position = Position(bytesAll: files.reduce(0) { $0 + $1.file.bytes })
        var reports: [InputReport] = []
        for input in files { reports.append(try await read(input, &position, into: &builder)) }
        let rows = reports.reduce(0) { $0 + $1.rows.rows }
        progress.report(.prepare, share: 0, "\(rows) rows in \(files.count) files")
        let repeated = (builder.repeatedStreamIDs, builder.repeatedEventIDs)
        let firstArchivedMs = builder.firstArchivedMs
        return SourceDataContent(
            data: builder.build(), reports: reports, repeatedStreamIDs: repeated.0, repeatedEventIDs: repeated.1,
            firstArchivedMs: firstArchivedMs)
    }

    /// How far reading has come.
    private struct Position {
        /// Stored bytes of all files.
        let bytesAll: Int
        /// Stored bytes of the files that are read.
        var bytesDone = 0
    }

    private func read(
        _ input: InputFile, _ position: inout Position, into builder: inout TrainingDataBuilder
    ) async throws -> InputReport {
        let name = input.file.name
        let share = parameters.badRowShareMax
        let sha256: String
        let rows: RowReport
        switch input.kind {
        case .events:
            var parser = EventLogParser(file: name, types: parameters.types, faultShareMax: share)
            sha256 = try await forEachChunk(of: input, &position) { chunk in
                try parser.read(chunk) { builder.add($0) }
                return parser.lineNumber
            }
            rows = try parser.finish { builder.add($0) }
        case .properties:
            var parser = ItemPropertyParser(
                file: name, numericProperty: parameters.numericProperty, faultShareMax: share)
            sha256 = try await forEachChunk(of: input, &position) { chunk in
                try parser.read(chunk) { builder.add($0) }
                return parser.lineNumber
            }
            rows = try parser.finish { builder.add($0) }
        case .categories:
            var parser = CategoryTreeParser(file: name, faultShareMax: share)
            sha256 = try await forEachChunk(of: input, &position) { chunk in
                try parser.read(chunk) { builder.add($0) }
                return parser.lineNumber
            }
            rows = try parser.finish { builder.add($0) }
        case .archive:
            // Anybody may write anything on the stream, and the archive keeps it as it came: it is counted, and no
            // reason to train on nothing.
            var parser = ArchivedEventParser(file: name, types: parameters.types, faultShareMax: 1)
            sha256 = try await forEachChunk(of: input, &position) { chunk in
                try parser.read(chunk) { builder.add($0) }
                return parser.lineNumber
            }
            rows = try parser.finish { builder.add($0) }
        }
        return InputReport(input: input, sha256: sha256, rows: rows)
    }

    /// Streams a file to `body`, which says how many lines it has read. What is wrong with the file as such is put at
    /// the line that could be read no more.
    private func forEachChunk(
        of input: InputFile, _ position: inout Position, _ body: ([UInt8]) throws -> Int
    ) async throws -> String {
        let file = input.file
        var bytes = 0
        var lines = 0
        let before = position
        report(before, bytes, file)
        let consume = { (chunk: [UInt8]) async throws in
            try Task.checkCancellation()
            lines = try body(chunk)
            bytes += chunk.count
            report(before, bytes, file)
        }
        do {
            let sha256 =
                switch input.kind {
                case .archive: try await archive?.read(file.name, consume) ?? ""
                case .events, .properties, .categories: try await source.read(file.name, consume)
                }
            position.bytesDone += file.bytes
            return sha256
        } catch let error as StoreError where error.code == .corrupted {
            throw LearningError(file: file.name, line: lines + 1, reason: error.message)
        }
    }

    /// A compressed file yields more bytes than it stores, so its progress runs ahead and then waits at its end.
    private func report(_ position: Position, _ bytes: Int, _ file: SourceFile) {
        let share = Double(position.bytesDone + min(bytes, file.bytes)) / Double(max(position.bytesAll, 1))
        progress.report(.read, share: share, file.name)
    }
}
