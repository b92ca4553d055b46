// A user's history as lists are made from it: the newest distinct items, each with what the user did to it at most.

/// Limits of a history.
struct RecentItemsLimits {
    /// How many distinct items are looked at, the newest ones. A crawler has thousands, and pairs grow with the square.
    let itemsMax: Int
    /// A pause of this length ends a session, in milliseconds.
    let sessionGapMs: Int64
}

/// An item in a user's history.
struct RecentItem {
    let item: UInt32
    /// When the user touched it last, Unix ms.
    let timestampMs: Int64
    /// The session of that touch, counted back from the newest, which is 0.
    let session: UInt32
    /// The heaviest of the user's interactions with it within the history.
    var weight: Double
}

/// Collects one user's history after the other; holds a number for each item so that no user costs a search.
struct RecentItemsCollector {
    private let limits: RecentItemsLimits
    /// Where each item stands in the present history, valid if the item there is this one.
    private var places: [UInt32]
    /// The history collected last, the newest item first.
    private(set) var history: [RecentItem] = []

    init(items: Int, limits: RecentItemsLimits) {
        self.limits = limits
        places = [UInt32](repeating: 0, count: items)
        history.reserveCapacity(limits.itemsMax)
    }

    /// Walks a user's interactions from the newest back, until one more distinct item would be too many.
    mutating func collect(user: Int, of table: InteractionTable) {
        history.removeAll(keepingCapacity: true)
        var session: UInt32 = 0
        var laterMs: Int64?
        for row in table.rows(ofUser: user).reversed() {
            let timestampMs = table.timesMs[row]
            if let laterMs, laterMs - timestampMs > limits.sessionGapMs { session += 1 }
            laterMs = timestampMs
            let item = table.items[row]
            let place = Int(places[Int(item)])
            if place < history.count, history[place].item == item {
                history[place].weight = max(history[place].weight, table.weight(at: row))
                continue
            }
            guard history.count < limits.itemsMax else { return }
            places[Int(item)] = UInt32(history.count)
            history.append(
                RecentItem(item: item, timestampMs: timestampMs, session: session, weight: table.weight(at: row)))
        }
    }
}
