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

    /// The categories that an item is in, from leaf to root; empty if nothing is said of it.
    package func categoryPath(of item: Int) -> [Int] {
        let category = categoryByItem[item]
        return category == CategoryForest.none ? [] : forest.path(from: Int(category))
    }
}

/// Collects what properties and the category tree say, in any order of files.
struct ItemCatalogueBuilder {
    /// The last statement about something; a later row wins over an earlier one of the same time.
    private struct Latest {
        var timestampMs = Int64.min
        var value: Int32

        mutating func take(_ newValue: Int32, at newTimestampMs: Int64) {
            guard newTimestampMs >= timestampMs else { return }
            timestampMs = newTimestampMs
            value = newValue
        }
    }

    private var categories = IdentifierTable()
    /// By category: nil if the tree does not list it, `CategoryForest.none` for a root.
    private var listedParents: [Int32?] = []
    private var category: [Latest] = []
    private var availability: [Latest] = []

    mutating func add(_ row: PropertyRow, items: inout IdentifierTable) {
        let item = Int(items.intern(row.item))
        while category.count <= item {
            category.append(Latest(value: CategoryForest.none))
            availability.append(Latest(value: 1))
        }
        switch row.value {
        case .category(let name): category[item].take(Int32(intern(name)), at: row.timestampMs)
        case .available(let isAvailable): availability[item].take(isAvailable ? 1 : 0, at: row.timestampMs)
        }
    }

    mutating func add(_ row: CategoryRow) {
        let category = intern(row.category)
        listedParents[category] = row.parent.map { Int32(intern($0)) } ?? CategoryForest.none
    }

    /// The catalogue over the sorted `items`; `newIndexes` says where each item went.
    func build(items: IdentifierTable, newIndexes: [UInt32]) -> ItemCatalogue {
        var isAvailable = [Bool](repeating: true, count: items.count)
        var categoryByItem = [Int32](repeating: CategoryForest.none, count: items.count)
        for old in category.indices {
            let item = Int(newIndexes[old])
            isAvailable[item] = availability[old].value == 1
            categoryByItem[item] = category[old].value
        }
        return ItemCatalogue(
            items: items, forest: CategoryForest(categories: categories, listedParents: listedParents),
            isAvailable: isAvailable, category: categoryByItem)
    }

    private mutating func intern(_ name: CSVField) -> Int {
        let index = Int(categories.intern(name))
        if index == listedParents.count { listedParents.append(nil) }
        return index
    }
}
