// One release on its way into Redis: file by file, beside the live generation, verified, and removed again if it fails.

import Logging
import Models
import Stores

/// Loads releases as generations.
struct ReleaseLoading: Sendable {
    /// Lists written in one pipeline.
    static let listsPerWrite = 500

    let releases: ReleaseStore
    let writer: GenerationWriter
    let lists: GenerationLists
    let logger: Logger
    let nowMs: @Sendable () -> Int64

    /// Loads a release and returns its generation, which is ready and not live, and how it differs from the live one.
    ///
    /// - Throws: ``ReleaseFault`` or a store error that is not retriable if the release cannot be loaded as it is; a
    ///   retriable store error if it is worth another attempt. What was written is left to the retirement.
    func load(
        _ release: String, for request: String, besides live: ReleaseReport.Lists?
    ) async throws -> (Int, ReleaseReport) {
        let manifest = try await releases.manifest(of: release)
        let (usedBytes, limitBytes) = try await writer.memory()
        if let objection = MemoryEstimate.objection(to: manifest, usedBytes: usedBytes, limitBytes: limitBytes) {
            throw objection
        }
        let startedMs = nowMs()
        let generation = try await writer.open(release: release, request: request, nowMs: startedMs)
        var figures: [String: String] = [:]
        var unavailable: Set<ItemID> = []
        var review = ReleaseReview(lists: lists, live: live, listCount: manifest.file(.offline)?.lists ?? 0)
        var (emptyLists, itemsWithSimilar) = (0, 0)
        // The catalogue comes first: what is not available is left out of all lists, so that nobody has to look later.
        for list in [ReleaseList.items, .similar, .popular, .offline] {
            guard let file = manifest.file(list) else { continue }
            let rows = try await load(
                file, list, of: release, into: generation, unavailable: &unavailable, review: &review)
            if list == .offline { emptyLists = rows.emptyCount }
            if list == .similar { itemsWithSimilar = rows.listCount - rows.emptyCount }
            figures[list.rawValue] = String(rows.listCount)
            figures["\(list.rawValue)_left_out"] = String(rows.leftOutCount)
            figures["\(list.rawValue)_empty"] = String(rows.emptyCount)
        }
        figures["load_ms"] = String(nowMs() - startedMs)
        figures["created_at_ms"] = String(manifest.createdAtMs)
        figures["trained_through_ms"] = manifest.trainedThroughMs.map(String.init) ?? ""
        try await writer.finish(generation, figures: figures, nowMs: nowMs())
        let report = review.report(
            manifest, generation: generation, emptyLists: emptyLists, itemsWithSimilar: itemsWithSimilar, nowMs: nowMs()
        )
        return (generation, report)
    }

    private func load(
        _ file: ReleaseFile, _ list: ReleaseList, of release: String, into generation: Int,
        unavailable: inout Set<ItemID>, review: inout ReleaseReview
    ) async throws -> ReleaseRows {
        var rows = ReleaseRows(list: list, unavailable: unavailable)
        var lines = LineSplitter()
        var ready: [GenerationList] = []
        do {
            try await releases.read(file, of: release) { chunk in
                try Task.checkCancellation()
                try lines.feed(chunk) { line, number in
                    if let list = try rows.take(line, number: number) { ready.append(list) }
                }
                if ready.count >= Self.listsPerWrite {
                    Self.note(ready, in: &unavailable)
                    try await review.note(ready)
                    try await write(&ready, into: generation)
                }
            }
            try lines.finish { line, number in
                if let list = try rows.take(line, number: number) { ready.append(list) }
            }
            if let last = try rows.finish() { ready.append(last) }
        } catch let fault as ReleaseFault {
            throw ReleaseFault("\(file.name) of release \(release): \(fault)")
        } catch let fault as LineTooLong {
            throw ReleaseFault("\(file.name) of release \(release): \(fault)")
        }
        Self.note(ready, in: &unavailable)
        try await review.note(ready)
        try await write(&ready, into: generation)
        guard rows.rowCount == file.rows, rows.listCount == file.lists else {
            throw ReleaseFault(
                "\(file.name) of release \(release) has \(rows.rowCount) rows in \(rows.listCount) lists; its manifest "
                    + "promises \(file.rows) in \(file.lists)")
        }
        if list == .popular, rows.rowCount == 0 { throw ReleaseFault("release \(release) has no popular items") }
        logger.info(
            "loaded a list",
            metadata: [
                "release": "\(release)", "generation": "\(generation)", "list": "\(list.rawValue)",
                "rows": "\(rows.rowCount)", "lists": "\(rows.listCount)",
            ])
        return rows
    }

    private func write(_ ready: inout [GenerationList], into generation: Int) async throws {
        var start = 0
        while start < ready.count {
            let end = min(start + Self.listsPerWrite, ready.count)
            try await writer.write(Array(ready[start..<end]), generation: generation)
            start = end
        }
        ready.removeAll(keepingCapacity: true)
    }

    private static func note(_ lists: [GenerationList], in unavailable: inout Set<ItemID>) {
        for case .item(let item, let entry) in lists where !entry.isAvailable { unavailable.insert(item) }
    }
}
