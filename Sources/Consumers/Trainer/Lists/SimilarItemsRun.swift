// Similar items of the whole catalogue on both of a machine's spare cores. The work is cut into blocks of
// milliseconds, between which other tasks of the process get their turn and a cancelled run ends.

import Learning

/// Computes all similar items.
struct SimilarItemsRun {
    /// Workers side by side. More would take the cores from what serves requests in the same process.
    private static let workers = 2
    private static let itemsPerBlock = 512

    let similar: SimilarItems
    let progress: ProgressFilter

    /// The lists of all items, by index.
    func lists() async throws -> RankedLists {
        let count = similar.itemCount
        return try await withThrowingTaskGroup(of: (worker: Int, lists: RankedLists).self) { group in
            for worker in 0..<Self.workers {
                let range = count * worker / Self.workers..<count * (worker + 1) / Self.workers
                group.addTask(priority: .utility) {
                    (worker, try await lists(for: range, reports: worker == 0))
                }
            }
            var parts: [Int: RankedLists] = [:]
            for try await part in group { parts[part.worker] = part.lists }
            var all = RankedLists()
            for worker in 0..<Self.workers { parts[worker].map { all.append(contentsOf: $0) } }
            return all
        }
    }

    /// One worker's share. The first worker's progress stands for both.
    @concurrent
    private func lists(for range: Range<Int>, reports: Bool) async throws -> RankedLists {
        var scratch = similar.makeScratch()
        var lists = RankedLists()
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.itemsPerBlock) {
            try Task.checkCancellation()
            let block = start..<min(start + Self.itemsPerBlock, range.upperBound)
            lists.append(contentsOf: similar.lists(for: block, &scratch))
            if reports {
                let share = Double(block.upperBound - range.lowerBound) / Double(range.count)
                progress.report(.similar, share: share, "\(similar.itemCount) items")
            }
            await Task.yield()
        }
        return lists
    }
}
