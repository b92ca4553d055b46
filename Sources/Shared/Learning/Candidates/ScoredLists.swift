// Lists of items with their scores as they were computed: unlike RankedItem's these may be negative and are not rounded,
// since they are features and not what a reader sees.

/// An item's index and its score.
package struct ScoredItem: Hashable, Sendable {
    package let item: UInt32
    package let score: Float

    package init(item: UInt32, score: Float) {
        self.item = item
        self.score = score
    }

    /// Better first: the higher score, then the smaller index.
    static func precedes(_ left: ScoredItem, _ right: ScoredItem) -> Bool {
        left.score != right.score ? left.score > right.score : left.item < right.item
    }
}

/// Lists of at most the same length, each best first, in one array.
package struct ScoredLists: Hashable, Sendable {
    private let itemsMax: Int
    private var entries: [ScoredItem]
    private var lengths: [UInt32]

    init(count: Int, itemsMax: Int) {
        self.itemsMax = itemsMax
        entries = [ScoredItem](repeating: ScoredItem(item: 0, score: 0), count: count * itemsMax)
        lengths = [UInt32](repeating: 0, count: count)
    }

    /// How many lists there are.
    package var count: Int { lengths.count }

    /// A list, best first.
    package subscript(list: Int) -> ArraySlice<ScoredItem> {
        entries[list * itemsMax..<list * itemsMax + Int(lengths[list])]
    }

    /// Hands out the memory for writing lists side by side.
    mutating func withHeaps<Result>(
        _ body: (_ heap: (_ list: Int) -> ItemHeap, _ finish: (_ list: Int, ItemHeap) -> Void) throws -> Result
    ) rethrows -> Result {
        let itemsMax = itemsMax
        return try entries.withUnsafeMutableBufferPointer { entries in
            try lengths.withUnsafeMutableBufferPointer { lengths in
                let heap = { (list: Int) in
                    ItemHeap(
                        entries: UnsafeMutableBufferPointer(rebasing: entries[list * itemsMax..<(list + 1) * itemsMax]))
                }
                let finish = { (list: Int, heap: ItemHeap) in
                    heap.sort()
                    lengths[list] = UInt32(heap.count)
                }
                return try body(heap, finish)
            }
        }
    }
}

/// The best items seen so far, the worst of them on top, in memory of its list.
struct ItemHeap {
    private let entries: UnsafeMutableBufferPointer<ScoredItem>
    private(set) var count = 0

    init(entries: UnsafeMutableBufferPointer<ScoredItem>) { self.entries = entries }

    /// What a later item's score must exceed to be kept, if items come in ascending order.
    var threshold: Float {
        guard count == entries.count else { return -.infinity }
        return count == 0 ? .infinity : entries[0].score
    }

    /// Keeps an item whose score is above the threshold.
    mutating func insert(_ entry: ScoredItem) {
        if count < entries.count {
            entries[count] = entry
            count += 1
            var place = count - 1
            while place > 0, ScoredItem.precedes(entries[(place - 1) / 2], entries[place]) {
                entries.swapAt(place, (place - 1) / 2)
                place = (place - 1) / 2
            }
            return
        }
        entries[0] = entry
        var place = 0
        while true {
            var worst = place
            for child in 2 * place + 1..<max(min(2 * place + 3, count), 2 * place + 1) {
                if ScoredItem.precedes(entries[worst], entries[child]) { worst = child }
            }
            guard worst != place else { return }
            entries.swapAt(place, worst)
            place = worst
        }
    }

    /// Best first; a heap no longer.
    func sort() { entries[0..<count].sort(by: ScoredItem.precedes) }
}
