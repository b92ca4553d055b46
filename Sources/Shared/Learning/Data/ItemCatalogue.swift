// What is known of each item: whether it can be recommended, and where in the shop it stands.

/// All items that the log or the properties name. Items are indexes in bytewise order of their names.
package struct ItemCatalogue: Sendable {
    /// The items' names, in bytewise order.
    package let items: IdentifierTable
    /// How the categories nest.
    package let forest: CategoryForest

    private let isAvailableByItem: [Bool]
    private let categoryByItem: [Int32]

    init(items: IdentifierTable, forest: CategoryForest, isAvailable: [Bool], category: [Int32]) {
        self.items = items
        self.forest = forest
        isAvailableByItem = isAvailable
        categoryByItem = category
    }

    /// How many items there are.
    package var count: Int { items.count }

    /// How many of them may be recommended.
    package var availableCount: Int { isAvailableByItem.count { $0 } }

    /// Whether an item may be recommended; an item of which nothing is said may.
    package func isAvailable(_ item: Int) -> Bool { isAvailableByItem[item] }

    /// The category that an item is in; nil if nothing is said of it.
    package func category(of item: Int) -> Int? {
        categoryByItem[item] == CategoryForest.none ? nil : Int(categoryByItem[item])
    }

    /// The categories that an item is in, from leaf to root; empty if nothing is said of it.
    package func categoryPath(of item: Int) -> [Int] {
        let category = categoryByItem[item]
        return category == CategoryForest.none ? [] : forest.path(from: Int(category))
    }
}
