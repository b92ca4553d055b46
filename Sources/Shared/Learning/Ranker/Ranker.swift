// From sources of the past to a model that orders candidates: for each of some periods, what users touched for the first
// time in it, among the candidates that would have been theirs before it. Hits outside of the candidates are not put
// in: the ranker would learn to tell how they got there.

/// A trained ranker.
package struct Ranker: Sendable {
    /// How the training went.
    package struct Figures: Hashable, Sendable {
        /// Candidates that it learned from, and how many of them were hits.
        package internal(set) var rows = 0
        package internal(set) var hits = 0
        /// Users that it learned from.
        package internal(set) var users = 0
        /// Of what users touched for the first time in the periods, the share that was among their candidates.
        package internal(set) var candidateRecall = 0.0
    }

    /// The trees as bytes.
    package let model: [UInt8]
    package let figures: Figures
    /// What the decisions on each feature gain on average, the largest first.
    package let importance: [String: Double]

    /// Learns from the periods before `atMs`, Unix ms. Nil if they hold too little to learn from.
    /// - Throws: CancellationError, `BoostingError`.
    package static func learn(
        _ data: TrainingData, atMs: Int64, parameters: RankerParameters, control: StepControl = StepControl()
    ) throws -> Ranker? {
        guard let oldestMs = data.interactions.oldestMs else { return nil }
        let periodMs = Int64(Double(atMs - oldestMs) * parameters.periodShare)
        guard periodMs > 0, parameters.periods > 0 else { return nil }
        var training = RankerTraining(rowsMax: parameters.rowsMax / parameters.periods)
        for period in (1...parameters.periods).reversed() {
            let done = Double(parameters.periods - period) / Double(parameters.periods + 1)
            let cutMs = atMs - Int64(period) * periodMs
            let past = data.before(cutMs)
            guard past.interactions.count > 0 else { continue }
            let targets = data.interactions.newItems(in: cutMs..<cutMs + periodMs)
            guard !targets.isEmpty else { continue }
            let sources = try CandidateSources(
                past, atMs: cutMs, parameters: parameters, control: StepControl(isCancelled: control.isCancelled))
            try training.add(targets, sources, control: control)
            control.report(done + 1 / Double(parameters.periods + 1))
        }
        return try training.finish(parameters, control: control)
    }
}

/// Collects rows to learn from.
private struct RankerTraining {
    private let rowsMaxOfPeriod: Int
    private var features = FeatureMatrix(names: CandidateFeatures.names)
    private var labels: [Float] = []
    private var groups: [Int] = []
    private var targetCount = 0
    private var targetsFound = 0

    private static let usersPerBlock = 512

    init(rowsMax: Int) { rowsMaxOfPeriod = rowsMax }

    /// Adds a period: users in an order that has nothing to do with their names, until there are rows enough. Users
    /// without a hit say nothing about order.
    mutating func add(
        _ targets: [(user: Int, items: [UInt32])], _ sources: CandidateSources, control: StepControl
    ) throws {
        let shuffled = targets.sorted { Self.mixed($0.user) < Self.mixed($1.user) }
        let rowsEnd = labels.count + rowsMaxOfPeriod
        for start in stride(from: 0, to: shuffled.count, by: Self.usersPerBlock) where labels.count < rowsEnd {
            let block = shuffled[start..<min(start + Self.usersPerBlock, shuffled.count)]
            let wanted = Dictionary(uniqueKeysWithValues: block.map { ($0.user, Set($0.items)) })
            let rows = try sources.candidates(of: block.map(\.user), control: control)
            targetCount += block.reduce(0) { $0 + $1.items.count }
            var first = 0
            for (user, count) in zip(rows.users, rows.counts) {
                let candidates = first..<first + count
                first += count
                let hits = wanted[user] ?? []
                let found = candidates.count { hits.contains(rows.items[$0]) }
                targetsFound += found
                guard found > 0 else { continue }
                for row in candidates {
                    features.append(rows.features[row])
                    labels.append(hits.contains(rows.items[row]) ? 1 : 0)
                }
                groups.append(count)
            }
        }
    }

    func finish(_ parameters: RankerParameters, control: StepControl) throws -> Ranker? {
        guard targetsFound >= parameters.hitsMin else { return nil }
        let trees = try GradientBoostedTrees(
            growingOn: features, labels: labels, groups: groups, parameters: parameters.boosting,
            control: StepControl(isCancelled: control.isCancelled))
        control.report(1)
        var figures = Ranker.Figures()
        figures.rows = labels.count
        figures.hits = targetsFound
        figures.users = groups.count
        figures.candidateRecall = Double(targetsFound) / Double(max(targetCount, 1))
        let importance = try trees.importance().map { ($0.feature, Double($0.gain)) }
        return Ranker(
            model: try trees.bytes(), figures: figures, importance: Dictionary(uniqueKeysWithValues: importance))
    }

    /// The last step of SplitMix64.
    private static func mixed(_ user: Int) -> UInt64 {
        var word = UInt64(user) &+ 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
