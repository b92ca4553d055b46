// From rows in the order of the log to the table: counted and sorted by user, without a dictionary of arrays.

/// Collects interactions in the order of the log.
struct InteractionTableBuilder {
    let typeWeights: [Double]
    /// Later interactions are not kept: a single wrong clock would otherwise move every window that ends at the newest
    /// one.
    let latestMs: Int64
    /// Whether interactions that repeat another's user, item, type and time are dropped.
    let dropsDuplicates: Bool

    private(set) var users = IdentifierTable()
    private var userIndexes: [UInt32] = []
    private var items: [UInt32] = []
    private var types: [UInt8] = []
    private var timesMs: [Int64] = []
    private var lateRows = LateRows()

    init(typeWeights: [Double], latestMs: Int64, dropsDuplicates: Bool = true) {
        self.typeWeights = typeWeights
        self.latestMs = latestMs
        self.dropsDuplicates = dropsDuplicates
    }

    /// How many have been collected.
    var count: Int { items.count }

    mutating func add(_ row: EventRow, items itemTable: inout IdentifierTable) {
        guard row.timestampMs <= latestMs else { return lateRows.add(atMs: row.timestampMs) }
        userIndexes.append(users.intern(row.user))
        items.append(itemTable.intern(row.item))
        types.append(row.type)
        timesMs.append(row.timestampMs)
    }

    /// Groups, sorts and drops duplicates. `newItemIndexes` renumbers the items.
    func build(newItemIndexes: [UInt32]) -> InteractionTable {
        var starts = [Int](repeating: 0, count: users.count + 1)
        for user in userIndexes { starts[Int(user) + 1] += 1 }
        for user in 0..<users.count { starts[user + 1] += starts[user] }
        var next = starts
        var order = [UInt32](repeating: 0, count: count)
        for (row, user) in userIndexes.enumerated() {
            order[next[Int(user)]] = UInt32(row)
            next[Int(user)] += 1
        }
        return sorted(order, starts, newItemIndexes)
    }

    private func sorted(_ order: [UInt32], _ starts: [Int], _ newItemIndexes: [UInt32]) -> InteractionTable {
        var sortedItems: [UInt32] = []
        var sortedTypes: [UInt8] = []
        var sortedTimesMs: [Int64] = []
        sortedItems.reserveCapacity(count)
        sortedTypes.reserveCapacity(count)
        sortedTimesMs.reserveCapacity(count)
        var newStarts: [Int] = [0]
        newStarts.reserveCapacity(starts.count)
        var group: [(timeMs: Int64, item: UInt32, type: UInt8)] = []
        for user in 0..<users.count {
            group.removeAll(keepingCapacity: true)
            for row in order[starts[user]..<starts[user + 1]] {
                group.append((timesMs[Int(row)], newItemIndexes[Int(items[Int(row)])], types[Int(row)]))
            }
            if group.count > 1 { group.sort { ($0.timeMs, $0.item, $0.type) < ($1.timeMs, $1.item, $1.type) } }
            for (place, row) in group.enumerated()
            where place == 0 || !dropsDuplicates || row != group[place - 1] {
                sortedItems.append(row.item)
                sortedTypes.append(row.type)
                sortedTimesMs.append(row.timeMs)
            }
            newStarts.append(sortedItems.count)
        }
        return InteractionTable(
            users: users, typeWeights: typeWeights, itemCount: newItemIndexes.count,
            duplicates: count - sortedItems.count, lateRows: lateRows, newestMs: sortedTimesMs.max(),
            oldestMs: sortedTimesMs.min(), items: sortedItems, types: sortedTypes, timesMs: sortedTimesMs,
            starts: newStarts)
    }
}
