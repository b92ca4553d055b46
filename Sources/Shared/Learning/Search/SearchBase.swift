// One source of candidates under trial: fitted with the setting, and judged by its own lists of ten.

/// What trials of sources share.
struct SearchBase {
    let period: HeldOutPeriod
    private let isExcluded: [Bool]
    private let seen: SparseMatrix
    private let targets: [[UInt32]]
    /// Places of users with a target, in an order of chance; less effort looks at the first of them.
    private let judged: [Int]

    init(period: HeldOutPeriod, parameters: RankerParameters) throws {
        self.period = period
        let cutMs = period.periodMs.lowerBound
        let past = period.past
        isExcluded = (0..<past.interactions.itemCount).map { !past.history.isAvailable($0, atMs: cutMs) }
        seen = SparseMatrix(past.interactions, weighting: CandidateSources.seenWeighting(past.interactions))
        targets = period.targets(.new)
        judged = targets.indices.filter { [targets] in !targets[$0].isEmpty }.sorted {
            ($0.mixed(), $0) < ($1.mixed(), $1)
        }
    }

    /// NDCG of a source's lists. Less effort means fewer users, fewer iterations of factors and a smaller autoencoder.
    func score(
        _ kind: ComparedLists, _ parameters: RankerParameters, effort: Double, length: Int, control: StepControl
    ) throws -> Double {
        let places = Array(judged.prefix(max(Int(Double(judged.count) * effort), min(judged.count, 200)))).sorted()
        let users = places.map { period.users[$0] }
        let lists: [[UInt32]]
        switch kind {
        case .autoencoder: lists = try encoded(users, parameters, effort, length, control)
        case .factors: lists = try factored(users, parameters, effort, length, control)
        case .itemToItem: lists = try similar(users, parameters, length, control)
        case .popular, .recentlyTouched, .finalLists: preconditionFailure("only sources are tried")
        }
        var sum = 0.0
        for (list, place) in zip(lists, places) {
            sum += Double(ListMetric.values(list, targets: targets[place], length: length)[0])
        }
        return sum / Double(max(places.count, 1))
    }

    private func encoded(
        _ users: [Int], _ parameters: RankerParameters, _ effort: Double, _ length: Int, _ control: StepControl
    ) throws -> [[UInt32]] {
        let weighting = CandidateSources.recentWeighting(
            period.past.interactions, halvingMs: parameters.halvingMs, atMs: period.periodMs.lowerBound)
        let recent = SparseMatrix(period.past.interactions, weighting: weighting)
        var own = parameters.autoencoder
        own.modelBytesMax = Int(Double(own.modelBytesMax) * effort)
        guard let model = try ClosedFormAutoencoder.learn(recent, parameters: own, control: control) else {
            return users.map { _ in [] }
        }
        let lists = try model.lists(
            for: users, of: recent, itemsMax: length, isExcluded: isExcluded, seen: seen, control: control)
        return (0..<lists.count).map { lists[$0].map(\.item) }
    }

    private func factored(
        _ users: [Int], _ parameters: RankerParameters, _ effort: Double, _ length: Int, _ control: StepControl
    ) throws -> [[UInt32]] {
        var own = parameters.factorization
        own.iterations = max(Int(Double(own.iterations) * effort), 3)
        let model = try AlternatingLeastSquares(own).factorize(seen, control: control)
        let lists = try TopItems(items: model.items, isExcluded: isExcluded).lists(
            for: users, of: model.users, itemsMax: length, seen: seen, control: control)
        return (0..<lists.count).map { lists[$0].map(\.item) }
    }

    private func similar(
        _ users: [Int], _ parameters: RankerParameters, _ length: Int, _ control: StepControl
    ) throws -> [[UInt32]] {
        let similar = try CandidateSources.similarItems(period.past, isExcluded, parameters.similar, control)
        var wanted = OfflineLists.Parameters()
        wanted.itemsMax = length
        wanted.servingWindowMs = 0
        let offline = OfflineLists(period.past, similar: similar, parameters: wanted)
        var scratch = offline.makeScratch()
        return users.map { user in
            var list: [UInt32] = []
            offline.forEachList(of: user..<user + 1, &scratch) { _, entries in list = entries.map(\.item) }
            return list
        }
    }
}
