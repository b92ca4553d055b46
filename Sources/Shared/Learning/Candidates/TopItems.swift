// The best items for each of many rows by inner product, without a matrix of all scores: blocks of rows against blocks of
// items, small enough for a core's cache, and only what beats a row's worst kept item leaves them.

import CKernels

/// Finds the best items for users, or for items.
package struct TopItems: Sendable {
    /// The factors of the items that may stand in lists, without gaps: what is out of sale costs nothing.
    private let items: DenseMatrix
    /// What the rows of `items` are, ascending.
    private let indexes: [UInt32]

    private static let blockRows = 64
    private static let blockItems = 1024

    /// - Parameters:
    ///   - items: Items by factors.
    ///   - isExcluded: By item, whether it stands in no list; empty if none is excluded.
    package init(items: DenseMatrix, isExcluded: [Bool] = []) {
        precondition(isExcluded.isEmpty || isExcluded.count == items.rowCount, "the mask is as long as the items")
        indexes = (0..<UInt32(items.rowCount)).filter { isExcluded.isEmpty || !isExcluded[Int($0)] }
        self.items = indexes.count == items.rowCount ? items : items.rows(indexes)
        BLAS.prepare()
    }

    /// The best items of some rows by inner product; of equal scores the smaller index stands first. Scores that are no
    /// numbers stand nowhere.
    ///
    /// - Parameters:
    ///   - rows: Which rows of `users`; lists come in this order.
    ///   - users: Rows of as many factors as the items have.
    ///   - itemsMax: The longest list.
    ///   - seen: Users by items, the same rows as `users`: a row's columns stand not in its list.
    /// - Throws: CancellationError.
    package func lists(
        for rows: some RandomAccessCollection<Int>, of users: DenseMatrix, itemsMax: Int, seen: SparseMatrix? = nil,
        workers: Int = Parallel.workersDefault, control: StepControl = StepControl()
    ) throws -> ScoredLists {
        precondition(users.columnCount == items.columnCount && itemsMax >= 0)
        precondition(seen.map { $0.rowCount == users.rowCount } ?? true, "seen has the rows of users")
        return try lists(for: Array(rows), of: users, itemsMax: itemsMax, workers, control) { row, item in
            seen?.contains(row: row, column: item) ?? false
        }
    }

    /// For each of some items those whose factors point the same way (cosine), itself left out. An item of zeros is
    /// similar to all with cosine zero.
    package static func similarItems(
        to rows: some RandomAccessCollection<Int>, of items: DenseMatrix, itemsMax: Int, isExcluded: [Bool] = [],
        workers: Int = Parallel.workersDefault, control: StepControl = StepControl()
    ) throws -> ScoredLists {
        let items = items.normalizedRows()
        return try TopItems(items: items, isExcluded: isExcluded).lists(
            for: Array(rows), of: items, itemsMax: itemsMax, workers, control
        ) { row, item in row == Int(item) }
    }

    private func lists(
        for rows: [Int], of users: DenseMatrix, itemsMax: Int, _ workers: Int, _ control: StepControl,
        _ isSeen: (_ row: Int, _ item: UInt32) -> Bool
    ) throws -> ScoredLists {
        let width = items.columnCount
        let perWorker = Self.blockRows * (width + Self.blockItems)
        var result = ScoredLists(count: rows.count, itemsMax: itemsMax)
        try result.withHeaps { heap, finish in
            try withScratch(floats: workers * perWorker) { scratch in
                try Parallel.forEachRange(of: rows.count, by: Self.blockRows, workers: workers, control: control) {
                    lists, worker in
                    let block = scratch + worker * perWorker
                    for (place, list) in lists.enumerated() {
                        let row = users[rows[list]]
                        for (factor, value) in row.enumerated() { block[place * width + factor] = value }
                    }
                    var heaps = lists.map(heap)
                    items.values.withUnsafeBufferPointer { items in
                        guard let items = items.baseAddress else { return }
                        scan(items, block, rows[lists], &heaps, isSeen)
                    }
                    for (list, heap) in zip(lists, heaps) { finish(list, heap) }
                }
            }
        }
        return result
    }

    /// Scores a block of rows against all items. `block` holds the rows, and behind them room for scores.
    private func scan(
        _ items: UnsafePointer<Float>, _ block: UnsafeMutablePointer<Float>, _ rows: ArraySlice<Int>,
        _ heaps: inout [ItemHeap], _ isSeen: (_ row: Int, _ item: UInt32) -> Bool
    ) {
        let width = self.items.columnCount
        let scores = block + Self.blockRows * width
        for start in stride(from: 0, to: self.items.rowCount, by: Self.blockItems) {
            let count = min(Self.blockItems, self.items.rowCount - start)
            BLAS.multiply(
                block, rows: rows.count, inner: width, items + start * width, columns: count, isRightTransposed: true,
                into: scores)
            for (place, row) in rows.enumerated() {
                Self.keepBest(of: scores + place * count, count: count, in: &heaps[place]) { index in
                    let item = indexes[start + index]
                    return isSeen(row, item) ? nil : item
                }
            }
        }
    }

    /// Inserts what is above the heap's threshold. `item` gives a place's item, nil if it is excluded; items ascend.
    static func keepBest(
        of scores: UnsafePointer<Float>, count: Int, in heap: inout ItemHeap, item: (_ place: Int) -> UInt32?
    ) {
        var place = kernels_next_above(scores, 0, count, heap.threshold)
        while place < count {
            if let item = item(place) { heap.insert(ScoredItem(item: item, score: scores[place])) }
            place = kernels_next_above(scores, place + 1, count, heap.threshold)
        }
    }
}

extension SparseMatrix {
    /// Whether a cell is there, by halving.
    func contains(row: Int, column: UInt32) -> Bool {
        var range = cells(ofRow: row)
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if columns[middle] == column { return true }
            range = columns[middle] < column ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }
}
