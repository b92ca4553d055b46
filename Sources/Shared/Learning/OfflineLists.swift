// Offline recommendations: what is similar to a user's recent history as a whole, computed ahead for everyone who may
// come.

/// Computes the lists of any range of users, so that ranges can be computed side by side.
package struct OfflineLists: Sendable {
    /// What the lists depend on.
    package struct Parameters: Codable, Hashable, Sendable {
        /// The longest list.
        package var itemsMax = 100
        /// How many of a user's newest distinct items are looked at.
        package var historyItemsMax = 20
        /// Users without an interaction in so many milliseconds before the newest one get no list, unless they are
        /// regulars.
        package var servingWindowMs: Int64 = 28 * 86_400_000
        /// Regulars have at least so many interactions, and get a list for longer: they are few, and come back.
        package var regularInteractionsMin = 10
        /// The same window for regulars.
        package var regularWindowMs: Int64 = 182 * 86_400_000
        /// The time before a user's newest touch that halves a touch's worth, in milliseconds.
        package var halvingMs = 7.0 * 86_400_000
        /// Whether items that the user ever touched are left out.
        package var excludesTouched = true

        package init() {}
    }

    private let parameters: Parameters
    private let table: InteractionTable
    private let similar: RankedLists

    /// `similar` holds the lists of all items, by index.
    package init(_ data: TrainingData, similar: RankedLists, parameters: Parameters = Parameters()) {
        self.parameters = parameters
        self.similar = similar
        table = data.interactions
    }

    /// How many users the log names; not all of them get a list.
    package var userCount: Int { table.users.count }

    /// What one worker needs for itself: twenty bytes an item, used again from range to range.
    package struct Scratch {
        fileprivate var collector: RecentItemsCollector
        fileprivate var scores: ScoreAccumulator
        /// For each item, one more than the last user for whom it was left out.
        fileprivate var leftOutFor: [UInt32]
    }

    /// A worker's own memory.
    package func makeScratch() -> Scratch {
        // Lists are made from the history whole, so sessions play no part here.
        let limits = RecentItemsLimits(itemsMax: parameters.historyItemsMax, sessionGapMs: .max)
        return Scratch(
            collector: RecentItemsCollector(items: table.itemCount, limits: limits),
            scores: ScoreAccumulator(items: table.itemCount),
            leftOutFor: [UInt32](repeating: 0, count: table.itemCount))
    }

    /// Computes the lists of a range of users and hands over those that are not empty, each best first. A user's score
    /// for an item is the sum over the history of the touch's weight, its recency and the similarity.
    package func forEachList(
        of users: Range<Int>, _ scratch: inout Scratch, _ body: (_ user: Int, _ list: ArraySlice<RankedItem>) -> Void
    ) {
        var candidates: [RankedItem] = []
        for user in users where isServed(user) {
            scratch.collector.collect(user: user, of: table)
            accumulate(scratch.collector.history, &scratch.scores)
            let mark = UInt32(user) + 1
            if parameters.excludesTouched {
                for row in table.rows(ofUser: user) { scratch.leftOutFor[Int(table.items[row])] = mark }
            }
            candidates.removeAll(keepingCapacity: true)
            for item in scratch.scores.touched where scratch.leftOutFor[Int(item)] != mark {
                let candidate = RankedItem(item: item, rounding: scratch.scores.sum(item))
                if candidate.score > 0 { candidates.append(candidate) }
            }
            scratch.scores.clear()
            candidates.sort(by: RankedItem.precedes)
            if !candidates.isEmpty { body(user, candidates.prefix(parameters.itemsMax)) }
        }
    }

    /// Whether a user was active in the serving window. Everyone is if it is not positive, since then nobody would be.
    package func isServed(_ user: Int) -> Bool {
        guard parameters.servingWindowMs > 0 else { return true }
        let rows = table.rows(ofUser: user)
        guard let newestMs = table.newestMs, let last = rows.last else { return false }
        let isRegular = rows.count >= parameters.regularInteractionsMin
        let windowMs =
            isRegular ? max(parameters.regularWindowMs, parameters.servingWindowMs) : parameters.servingWindowMs
        return newestMs - table.timesMs[last] < windowMs
    }

    private func accumulate(_ history: [RecentItem], _ accumulator: inout ScoreAccumulator) {
        guard let newestMs = history.first?.timestampMs else { return }
        for touch in history {
            let recency = 1 / (1 + Double(newestMs - touch.timestampMs) / parameters.halvingMs)
            for entry in similar[Int(touch.item)] {
                accumulator.add(touch.weight * recency * Double(entry.score), to: entry.item)
            }
        }
    }
}
