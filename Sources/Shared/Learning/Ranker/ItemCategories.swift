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

/// What a user did by a time: the user's part of the features.
struct UserProfile {
    private(set) var touches: Float = 0
    private(set) var items: Float = 0
    private(set) var itemsRecent: Float = 0
    private(set) var lastDays: Float = .nan
    /// By level: touches by category, and the same with each touch halved every 28 days.
    private var categories: [[Int32: (count: Float, recent: Float)]]

    private static let recentDays: Float = 28

    init(_ user: Int, _ table: InteractionTable, _ itemCategories: ItemCategories, atMs: Int64) {
        categories = [[Int32: (count: Float, recent: Float)]](repeating: [:], count: ItemCategories.levels)
        var seen: Set<UInt32> = []
        for row in table.rows(ofUser: user).reversed() {
            let days = Float(Double(atMs - table.timesMs[row]) / Double(ItemActivity.dayMs))
            touches += 1
            if lastDays.isNaN { lastDays = days }
            let item = table.items[row]
            if seen.insert(item).inserted {
                items += 1
                if days < Self.recentDays { itemsRecent += 1 }
            }
            let recency = Halving.factor(days / Self.recentDays)
            for level in 0..<ItemCategories.levels {
                let category = itemCategories.byLevel[level][Int(item)]
                guard category >= 0 else { continue }
                categories[level][category, default: (0, 0)].count += 1
                categories[level][category, default: (0, 0)].recent += recency
            }
        }
    }

    /// How much the user has to do with a category: the share of touches, recent touches, and the share relative to
    /// everybody's.
    func affinity(level: Int, category: Int32, everybody: Float) -> (share: Float, recent: Float, lift: Float) {
        guard let own = categories[level][category], touches > 0 else { return (0, 0, 0) }
        let share = own.count / touches
        return (share, own.recent, share / max(everybody, 1e-9))
    }
}
