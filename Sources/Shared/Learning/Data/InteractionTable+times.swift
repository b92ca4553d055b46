// The past as it was at a time, and what came after it: what a ranker is trained and judged by.

extension InteractionTable {
    /// The interactions before a time, Unix ms; users and items keep their indexes.
    package func before(_ cutMs: Int64) -> InteractionTable {
        var newItems: [UInt32] = []
        var newTypes: [UInt8] = []
        var newTimesMs: [Int64] = []
        var newStarts: [Int] = [0]
        newStarts.reserveCapacity(starts.count)
        for user in 0..<users.count {
            let all = rows(ofUser: user)
            let rows = all.lowerBound..<(all.first(where: { timesMs[$0] >= cutMs }) ?? all.upperBound)
            newItems.append(contentsOf: items[rows])
            newTypes.append(contentsOf: types[rows])
            newTimesMs.append(contentsOf: timesMs[rows])
            newStarts.append(newItems.count)
        }
        return InteractionTable(
            users: users, typeWeights: typeWeights, itemCount: itemCount, duplicates: 0, lateRows: LateRows(),
            newestMs: newTimesMs.max(), oldestMs: newTimesMs.min(), items: newItems, types: newTypes,
            timesMs: newTimesMs, starts: newStarts)
    }

    /// What users touched for the first time within a period, Unix ms: for each user with a history before the period
    /// and a new item in it, the new items, ascending. Users ascend.
    /// - Parameter includesKnown: Whether items that the user had touched before count, too.
    package func newItems(
        in periodMs: Range<Int64>, includesKnown: Bool = false
    ) -> [(user: Int, items: [UInt32])] {
        var targets: [(user: Int, items: [UInt32])] = []
        for user in 0..<users.count {
            let all = rows(ofUser: user)
            guard let first = all.first(where: { timesMs[$0] >= periodMs.lowerBound }), first > all.lowerBound else {
                continue
            }
            let known: Set<UInt32> = includesKnown ? [] : Set(items[all.lowerBound..<first])
            var new: Set<UInt32> = []
            for row in first..<all.upperBound where timesMs[row] < periodMs.upperBound && !known.contains(items[row]) {
                new.insert(items[row])
            }
            if !new.isEmpty { targets.append((user, new.sorted())) }
        }
        return targets
    }
}

extension TrainingData {
    /// What was known before a time, Unix ms. The catalogue stays as it is: what was known of items then is asked of the
    /// history.
    package func before(_ cutMs: Int64) -> TrainingData {
        TrainingData(interactions: interactions.before(cutMs), catalogue: catalogue, history: history)
    }
}
