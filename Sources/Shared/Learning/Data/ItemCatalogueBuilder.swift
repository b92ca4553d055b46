// From statements about items to what is known of them, now and as of any time.

/// Collects what properties and the category tree say, in any order of files.
struct ItemCatalogueBuilder {
    /// Later statements are not believed, Unix ms.
    let latestMs: Int64

    private var categories = IdentifierTable()
    /// By category: nil if the tree does not list it, `CategoryForest.none` for a root.
    private var listedParents: [Int32?] = []
    private var categoryChanges = ChangeListsBuilder()
    private var availabilityChanges = ChangeListsBuilder()
    private var numberChanges = ChangeListsBuilder()
    private var windowMs: ClosedRange<Int64>?
    private var tooLate = LateRows()

    init(latestMs: Int64) { self.latestMs = latestMs }

    mutating func add(_ row: PropertyRow, items: inout IdentifierTable) {
        guard row.timestampMs <= latestMs else { return tooLate.add(atMs: row.timestampMs) }
        if let window = windowMs, window.contains(row.timestampMs) {
            // The usual case: nothing to widen.
        } else {
            let oldestMs = min(windowMs?.lowerBound ?? row.timestampMs, row.timestampMs)
            windowMs = oldestMs...max(windowMs?.upperBound ?? row.timestampMs, row.timestampMs)
        }
        switch row.value {
        case .category(let name):
            categoryChanges.add(Int32(intern(name)), of: items.intern(row.item), atMs: row.timestampMs)
        case .available(let isAvailable):
            availabilityChanges.add(isAvailable ? 1 : 0, of: items.intern(row.item), atMs: row.timestampMs)
        case .number(let number):
            numberChanges.add(
                Int32(bitPattern: number.bitPattern), of: items.intern(row.item), atMs: row.timestampMs)
        case .other: break
        }
    }

    mutating func add(_ row: CategoryRow) {
        let category = intern(row.category)
        listedParents[category] = row.parent.map { Int32(intern($0)) } ?? CategoryForest.none
    }

    /// The catalogue over the sorted `items`, and its history; `newIndexes` says where each item went.
    consuming func build(
        items: IdentifierTable, newIndexes: [UInt32]
    ) -> (catalogue: ItemCatalogue, history: ItemHistory) {
        let history = ItemHistory(
            windowMs: windowMs, tooLate: tooLate, categories: categoryChanges.build(newIndexes: newIndexes),
            availability: availabilityChanges.build(newIndexes: newIndexes),
            numbers: numberChanges.build(newIndexes: newIndexes))
        let catalogue = ItemCatalogue(
            items: items, forest: CategoryForest(categories: categories, listedParents: listedParents),
            isAvailable: newIndexes.indices.map { history.availability.latest(of: $0) != 0 },
            category: newIndexes.indices.map { history.categories.latest(of: $0) ?? CategoryForest.none })
        return (catalogue, history)
    }

    private mutating func intern(_ name: CSVField) -> Int {
        let index = Int(categories.intern(name))
        if index == listedParents.count { listedParents.append(nil) }
        return index
    }
}
