// The categories that features look at: an item's own, the one above, and the root.

/// Each item's categories at three levels, as of a time.
struct ItemCategories: Sendable {
    static let levels = 3

    /// By level, by item: a category's index, or -1.
    private(set) var byLevel: [[Int32]]
    /// By level, by category: the share of all touches that fell on it.
    private(set) var shares: [[Float]]

    init(_ data: TrainingData, atMs: Int64) {
        let catalogue = data.catalogue
        let table = data.interactions
        byLevel = [[Int32]](repeating: [Int32](repeating: -1, count: catalogue.count), count: Self.levels)
        for item in 0..<catalogue.count {
            guard let own = data.history.category(of: item, atMs: atMs) ?? catalogue.category(of: item) else {
                continue
            }
            let path = catalogue.forest.path(from: own)
            byLevel[0][item] = Int32(own)
            byLevel[1][item] = Int32(path.count > 1 ? path[1] : own)
            byLevel[2][item] = Int32(path.last ?? own)
        }
        shares = [[Float]](
            repeating: [Float](repeating: 0, count: catalogue.forest.categories.count), count: Self.levels)
        for level in 0..<Self.levels {
            for item in table.items where byLevel[level][Int(item)] >= 0 {
                shares[level][Int(byLevel[level][Int(item)])] += 1
            }
            for category in shares[level].indices { shares[level][category] /= Float(max(table.count, 1)) }
        }
    }
}
