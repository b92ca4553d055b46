// The lists as the files of a release. Rows are collected to chunks, since a row is too little to compress or to send.

import Learning
import Models
import Stores

/// Writes a release's files, one after the other.
struct ReleaseWriting {
    private static let chunkBytes = 256 * 1024
    private static let usersPerBlock = 2_048

    let store: ReleaseStore
    let release: String
    let data: TrainingData

    /// The catalogue: every item that the log or the properties name.
    func writeItems() async throws -> ReleaseFile {
        let catalogue = data.catalogue
        return try await write(.items, header: "item_id,available,categories\n") { chunk in
            for item in 0..<catalogue.count {
                chunk.text.append(contentsOf: catalogue.items.utf8(at: item))
                chunk.text.append(contentsOf: catalogue.isAvailable(item) ? ",1,".utf8 : ",0,".utf8)
                for (place, category) in catalogue.categoryPath(of: item).enumerated() {
                    if place > 0 { chunk.text.append(UInt8(ascii: " ")) }
                    chunk.text.append(contentsOf: catalogue.forest.categories.utf8(at: category))
                }
                chunk.text.append(UInt8(ascii: "\n"))
                chunk.rows += 1
                chunk.lists += 1
                try await chunk.flushIfFull()
            }
        }
    }

    /// Similar items; an item without any has no rows.
    func writeSimilar(_ similar: RankedLists) async throws -> ReleaseFile {
        try await write(.similar, header: "item_id,similar_item_id,score\n") { chunk in
            for item in 0..<similar.count {
                chunk.append(similar[item], of: data.catalogue.items.utf8(at: item), items: data.catalogue.items)
                try await chunk.flushIfFull()
            }
        }
    }

    /// Popular items of the whole catalogue, then of each category that has any.
    func writePopular(_ popular: PopularItems) async throws -> ReleaseFile {
        try await write(.popular, header: "category,item_id,score\n") { chunk in
            chunk.append(popular.overall[...], of: [], items: data.catalogue.items)
            for (category, list) in popular.byCategory.enumerated() {
                let name = data.catalogue.forest.categories.utf8(at: category)
                chunk.append(list[...], of: name, items: data.catalogue.items)
                try await chunk.flushIfFull()
            }
        }
    }

    /// Offline lists, block by block of users: no more than one block's lists are held.
    func writeOffline(_ offline: OfflineLists, progress: (_ share: Double) -> Void) async throws -> ReleaseFile {
        try await write(.offline, header: "user_id,item_id,score\n") { chunk in
            var scratch = offline.makeScratch()
            for start in stride(from: 0, to: offline.userCount, by: Self.usersPerBlock) {
                try Task.checkCancellation()
                let block = start..<min(start + Self.usersPerBlock, offline.userCount)
                offline.forEachList(of: block, &scratch) { user, list in
                    chunk.append(list, of: data.interactions.users.utf8(at: user), items: data.catalogue.items)
                }
                try await chunk.flushIfFull()
                progress(Double(block.upperBound) / Double(offline.userCount))
                await Task.yield()
            }
        }
    }

    /// Ranked lists, block by block of users, computed on a thread of their own.
    func writeRanked(
        _ ranked: RankedOfflineLists, progress: (_ share: Double) -> Void
    ) async throws -> ReleaseFile {
        try await write(.offline, header: "user_id,item_id,score\n") { chunk in
            var served = 0
            for start in stride(from: 0, to: ranked.userCount, by: Self.usersPerBlock) {
                let block = start..<min(start + Self.usersPerBlock, ranked.userCount)
                let (users, lists) = try await computing { try ranked.lists(of: block, control: $0) }
                for (index, user) in users.enumerated() {
                    chunk.append(
                        lists[index], of: data.interactions.users.utf8(at: user), items: data.catalogue.items)
                }
                try await chunk.flushIfFull()
                served += users.count
                progress(Double(served) / Double(max(ranked.servedCount, 1)))
            }
        }
    }

    private func write(
        _ list: ReleaseList, header: String, _ fill: (inout Chunk) async throws -> Void
    ) async throws -> ReleaseFile {
        try await store.write("\(list.rawValue).csv.gz", of: release) { writer in
            var chunk = Chunk(writer: writer, text: Array(header.utf8))
            try await fill(&chunk)
            try await chunk.flush()
        }
    }

    /// Text on its way to the file, and how many rows and lists it holds.
    private struct Chunk {
        let writer: ReleaseFileWriter
        var text: [UInt8]
        var rows = 0
        var lists = 0

        /// Appends a list's rows; nothing for an empty list.
        mutating func append(_ list: ArraySlice<RankedItem>, of owner: ArraySlice<UInt8>, items: IdentifierTable) {
            guard !list.isEmpty else { return }
            for entry in list {
                text.append(contentsOf: owner)
                text.append(UInt8(ascii: ","))
                text.append(contentsOf: items.utf8(at: Int(entry.item)))
                text.append(UInt8(ascii: ","))
                ScoreText.append(entry.score, to: &text)
                text.append(UInt8(ascii: "\n"))
            }
            rows += list.count
            lists += 1
        }

        mutating func flushIfFull() async throws {
            if text.count >= ReleaseWriting.chunkBytes { try await flush() }
        }

        mutating func flush() async throws {
            try await writer.write(text, rows: rows, lists: lists)
            text.removeAll(keepingCapacity: true)
            rows = 0
            lists = 0
        }
    }
}
