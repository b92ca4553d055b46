// A user as of a time: the user's part of what the ranker is told.

/// What a user did by a time: the user's part of the features.
struct UserProfile {
    private(set) var touches: Float = 0
    private(set) var items: Float = 0
    private(set) var itemsRecent: Float = 0
    private(set) var lastDays: Float = .nan
    /// The share of touches that weigh more than the lightest type, shrunk as an item's is.
    private(set) var carted: Float = 0
    /// The mean of the numeric property of what the user touched; not a number if none has one.
    private(set) var price: Float = .nan
    /// By item: touches, and days since the last one.
    private(set) var own: [UInt32: (touches: Float, lastDays: Float)] = [:]
    /// By level: touches by category, and the same with each touch halved every 28 days.
    private var categories: [[Int32: (count: Float, recent: Float)]]

    private static let recentDays: Float = 28

    init(_ user: Int, _ table: InteractionTable, _ sources: CandidateSources) {
        let strength = sources.activity.strength
        var prices: (sum: Float, count: Float) = (0, 0)
        categories = [[Int32: (count: Float, recent: Float)]](repeating: [:], count: ItemCategories.levels)
        for row in table.rows(ofUser: user).reversed() {
            let days = Float(Double(sources.atMs - table.timesMs[row]) / Double(ItemActivity.dayMs))
            touches += 1
            if lastDays.isNaN { lastDays = days }
            let item = table.items[row]
            if strength.isStrong[Int(table.types[row])] { carted += 1 }
            if let known = own[item] {
                own[item] = (known.touches + 1, known.lastDays)
            } else {
                own[item] = (1, days)
                items += 1
                if days < Self.recentDays { itemsRecent += 1 }
                let price = sources.price(of: Int(item))
                if price.isFinite { prices = (prices.sum + price, prices.count + 1) }
            }
            let recency = Halving.factor(days / Self.recentDays)
            for level in 0..<ItemCategories.levels {
                let category = sources.categories.byLevel[level][Int(item)]
                guard category >= 0 else { continue }
                categories[level][category, default: (0, 0)].count += 1
                categories[level][category, default: (0, 0)].recent += recency
            }
        }
        carted /= touches + 4
        price = prices.count > 0 ? prices.sum / prices.count : .nan
    }

    /// How much the user has to do with a category: the share of touches, recent touches, and the share relative to
    /// everybody's.
    func affinity(level: Int, category: Int32, everybody: Float) -> (share: Float, recent: Float, lift: Float) {
        guard let own = categories[level][category], touches > 0 else { return (0, 0, 0) }
        let share = own.count / touches
        return (share, own.recent, share / max(everybody, 1e-9))
    }
}
