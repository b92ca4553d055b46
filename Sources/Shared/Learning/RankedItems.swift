// Scores as they will be written. Lists are ordered by the rounded score, since that is what a reader of a release
// sees: two items whose written scores are equal stand in bytewise order of their names.

/// An item's index and its score.
package struct RankedItem: Hashable, Sendable {
    /// The item's index; indexes are in bytewise order of the names.
    package let item: UInt32
    /// The score as it is read back from a release; finite, never negative.
    package let score: Float

    /// Rounds the score to what ``ScoreText`` writes, without making the text: this runs for every candidate.
    init(item: UInt32, rounding score: Double) {
        self.item = item
        let isUsable = score.isFinite && score > 0
        self.score = isUsable ? Float((Double(Float(min(score, Self.scoreMax))) * 10_000).rounded() / 10_000) : 0
    }

    /// Far above what sums of weights reach, and exact in ten-thousandths.
    private static let scoreMax = 1e9

    /// Better first: the higher score, then the earlier name.
    static func precedes(_ left: RankedItem, _ right: RankedItem) -> Bool {
        left.score != right.score ? left.score > right.score : left.item < right.item
    }
}

/// Lists of ranked items, one after the other in two flat arrays: half a million small arrays would cost more than
/// their items.
package struct RankedLists: Sendable {
    private var entries: [RankedItem] = []
    private var ends: [Int] = []

    package init() {}

    /// How many lists there are.
    package var count: Int { ends.count }

    /// How many items all lists have together.
    package var entryCount: Int { entries.count }

    /// A list, best first.
    package subscript(list: Int) -> ArraySlice<RankedItem> { entries[(list == 0 ? 0 : ends[list - 1])..<ends[list]] }

    mutating func append(_ list: some Sequence<RankedItem>) {
        entries.append(contentsOf: list)
        ends.append(entries.count)
    }

    /// Appends the lists of the range that follows.
    package mutating func append(contentsOf other: RankedLists) {
        let offset = entries.count
        entries.append(contentsOf: other.entries)
        ends.append(contentsOf: other.ends.lazy.map { $0 + offset })
    }
}

/// Sums by item over a dense array that is cleared by visiting only what was touched.
struct ScoreAccumulator {
    private(set) var touched: [UInt32] = []
    private var sums: [Double]
    private var counts: [UInt32]

    init(items: Int) {
        sums = [Double](repeating: 0, count: items)
        counts = [UInt32](repeating: 0, count: items)
    }

    mutating func add(_ amount: Double, to item: UInt32) {
        let index = Int(item)
        if counts[index] == 0 { touched.append(item) }
        counts[index] += 1
        sums[index] += amount
    }

    func sum(_ item: UInt32) -> Double { sums[Int(item)] }

    /// How many amounts were added.
    func count(_ item: UInt32) -> Int { Int(counts[Int(item)]) }

    mutating func clear() {
        for item in touched {
            sums[Int(item)] = 0
            counts[Int(item)] = 0
        }
        touched.removeAll(keepingCapacity: true)
    }
}
