// What is popular, in the shop and in each category: the answer for everyone of whom nothing is known, and what fills
// up the lists of everyone else.

/// Popular items, the most popular first. A score is the sum of the interactions' weights, each worth less the older
/// it is.
package struct PopularItems: Sendable {
    /// What the score depends on.
    package struct Parameters: Codable, Hashable, Sendable {
        /// How far back interactions count, in milliseconds: at the window's start they are worth nothing, at its end
        /// all.
        package var windowMs: Int64 = 84 * 86_400_000
        /// The longest list of the whole catalogue.
        package var overallMax = 10_000
        /// The longest list of a category.
        package var categoryMax = 2_000

        package init() {}
    }

    /// Of the whole catalogue. After the items with interactions come the others with score 0, so that a request can
    /// always be filled.
    package let overall: [RankedItem]
    /// By category index; empty where no item can be recommended. An item counts in every category of its path.
    package let byCategory: [[RankedItem]]

    package init(_ data: TrainingData, parameters: Parameters = Parameters()) {
        let scores = Self.scores(data.interactions, windowMs: parameters.windowMs)
        var ranked: [RankedItem] = []
        for item in 0..<data.catalogue.count where data.catalogue.isAvailable(item) {
            ranked.append(RankedItem(item: UInt32(item), rounding: scores[item]))
        }
        ranked.sort(by: RankedItem.precedes)

        var byCategory = [[RankedItem]](repeating: [], count: data.catalogue.forest.categories.count)
        for entry in ranked {
            for category in data.catalogue.categoryPath(of: Int(entry.item))
            where byCategory[category].count < parameters.categoryMax {
                byCategory[category].append(entry)
            }
        }
        overall = Array(ranked.prefix(parameters.overallMax))
        self.byCategory = byCategory
    }

    private static func scores(_ table: InteractionTable, windowMs: Int64) -> [Double] {
        var scores = [Double](repeating: 0, count: table.itemCount)
        guard let newestMs = table.newestMs else { return scores }
        for row in 0..<table.count {
            let age = Double(newestMs - table.timesMs[row]) / Double(windowMs)
            if age < 1 { scores[Int(table.items[row])] += table.weight(at: row) * (1 - age) }
        }
        return scores
    }
}
