// The lists that an evaluation compares: the sources of candidates each for itself, two lists that need no learning, and
// what a release would hold. All from before the cut.

/// Makes lists for the users of a period.
struct HeldOutLists {
    let period: HeldOutPeriod
    let sources: CandidateSources
    /// Nil if there was too little to learn from; then the final lists are those of similar items.
    let ranker: Ranker?
    let length: Int

    /// Lists by place in the period's users, best first; empty where there is none.
    /// - Throws: CancellationError, `BoostingError`.
    func lists(
        _ kind: ComparedLists, _ targets: HeldOutPeriod.Targets, control: StepControl
    ) throws -> [[UInt32]] {
        let seen = targets == .new ? sources.seen : nil
        switch kind {
        case .popular: return period.users.map { popular($0, seen) }
        case .recentlyTouched: return period.users.map { targets == .new ? [] : recentlyTouched($0) }
        case .itemToItem: return itemToItem(excludesTouched: targets == .new)
        case .factors:
            let lists = try TopItems(items: sources.factors.items, isExcluded: sources.isExcluded).lists(
                for: period.users, of: sources.factors.users, itemsMax: length, seen: seen, control: control)
            return (0..<lists.count).map { lists[$0].map(\.item) }
        case .autoencoder:
            guard let autoencoder = sources.autoencoder else { return period.users.map { _ in [] } }
            let lists = try autoencoder.lists(
                for: period.users, of: sources.recent, itemsMax: length, isExcluded: sources.isExcluded, seen: seen,
                control: control)
            return (0..<lists.count).map { lists[$0].map(\.item) }
        case .finalLists: return try finalLists(control)
        }
    }

    private func popular(_ user: Int, _ seen: SparseMatrix?) -> [UInt32] {
        var list: [UInt32] = []
        for item in sources.popular where list.count < length {
            guard !sources.isExcluded[Int(item)], !(seen?.contains(row: user, column: item) ?? false) else { continue }
            list.append(item)
        }
        return list
    }

    private func recentlyTouched(_ user: Int) -> [UInt32] {
        let table = sources.data.interactions
        var list: [UInt32] = []
        for row in table.rows(ofUser: user).reversed() where list.count < length {
            let item = table.items[row]
            if !sources.isExcluded[Int(item)], !list.contains(item) { list.append(item) }
        }
        return list
    }

    private func itemToItem(excludesTouched: Bool) -> [[UInt32]] {
        var parameters = OfflineLists.Parameters()
        parameters.itemsMax = length
        parameters.servingWindowMs = 0
        parameters.excludesTouched = excludesTouched
        let offline = OfflineLists(sources.data, similar: sources.similarLists, parameters: parameters)
        var scratch = offline.makeScratch()
        return period.users.map { user in
            var list: [UInt32] = []
            offline.forEachList(of: user..<user + 1, &scratch) { _, entries in list = entries.map(\.item) }
            return list
        }
    }

    private func finalLists(_ control: StepControl) throws -> [[UInt32]] {
        guard let ranker else { return itemToItem(excludesTouched: !sources.parameters.recommendsTouched) }
        let ranked = try CandidateRanking(sources: sources, ranker: ranker, itemsMax: length)
        var lists = [[UInt32]](repeating: [], count: period.users.count)
        let blockUsers = 2_048
        for start in stride(from: 0, to: period.users.count, by: blockUsers) {
            let block = start..<min(start + blockUsers, period.users.count)
            let (users, ordered) = try ranked.lists(of: Array(period.users[block]), control: control)
            var place = start
            for (index, user) in users.enumerated() {
                while period.users[place] < user { place += 1 }
                lists[place] = ordered[index].map(\.item)
            }
            control.report(Double(block.upperBound) / Double(period.users.count))
        }
        return lists
    }
}
