// Clean data as files. Rows are collected to chunks, since a row is too little to compress or to send.

import Learning
import Models
import Stores

/// Writes the files of one preparation, one after the other.
struct PreparedDataWriting {
    private static let chunkBytes = 256 * 1024
    private static let rowsPerBlock = 2_048

    let store: PreparedDataStore
    let preparation: String
    let data: TrainingData
    let text: PreparedText
    let progress: ProgressFilter

    /// Writes all files. A file without rows has its header, so that a reader need not ask which files there are.
    func write() async throws -> [PreparedFile: ReleaseFile] {
        let users = data.interactions.users.count
        let items = data.catalogue.count
        var files: [PreparedFile: ReleaseFile] = [:]
        files[.events] = try await write(.events, PreparedText.eventsHeader, users, 0.2...0.5) { block, text in
            self.text.appendEvents(ofUsers: block, .trainedOn, to: &text)
        }
        files[.lastEvents] = try await write(.lastEvents, PreparedText.eventsHeader, users, 0.5...0.55) { block, text in
            self.text.appendEvents(ofUsers: block, .setAside, to: &text)
        }
        files[.items] = try await write(.items, PreparedText.itemsHeader, items, 0.55...0.6) { block, text in
            self.text.appendItems(block, to: &text)
        }
        files[.itemProperties] = try await write(
            .itemProperties, PreparedText.propertiesHeader, items, 0.6...0.7
        ) { block, text in
            self.text.appendProperties(ofItems: block, to: &text)
        }
        files[.categoryTree] = try await write(
            .categoryTree, PreparedText.categoriesHeader, 1, 0.7...0.7
        ) { _, text in
            self.text.appendCategories(to: &text)
        }
        return files
    }

    /// `append` appends the rows of a block out of `count` things and says how many rows they are; `shares` is the
    /// stretch of the step's progress that the file takes.
    private func write(
        _ file: PreparedFile, _ header: String, _ count: Int, _ shares: ClosedRange<Double>,
        _ append: (Range<Int>, inout [UInt8]) -> Int
    ) async throws -> ReleaseFile {
        try await store.write(file, of: preparation) { writer in
            var chunk = Array(header.utf8)
            var rows = 0
            for start in stride(from: 0, to: count, by: Self.rowsPerBlock) {
                try Task.checkCancellation()
                let end = min(start + Self.rowsPerBlock, count)
                rows += append(start..<end, &chunk)
                let share = shares.lowerBound + (shares.upperBound - shares.lowerBound) * Double(end) / Double(count)
                progress.report(.prepare, share: share, file.name)
                guard chunk.count >= Self.chunkBytes else { continue }
                try await writer.write(chunk, rows: rows, lists: 0)
                chunk.removeAll(keepingCapacity: true)
                rows = 0
            }
            try await writer.write(chunk, rows: rows, lists: 0)
        }
    }
}
