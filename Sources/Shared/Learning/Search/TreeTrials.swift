// Trees under trial: rows are made once, since they do not depend on how trees are grown.

/// What trials of trees share.
struct TreeTrials {
    private let training: RankerRows
    private let candidates: CandidateRows
    /// By user of `candidates`: what counts as right; never empty.
    private let targets: [[UInt32]]

    /// Collects the rows; nil if there are too few hits to learn from.
    init?(period: HeldOutPeriod, parameters: RankerParameters, control: StepControl) throws {
        let cutMs = period.periodMs.lowerBound
        training = try RankerRows(period.past, atMs: cutMs, parameters: parameters, control: control)
        guard training.figures.hits >= parameters.hitsMin else { return nil }
        let sources = try CandidateSources(period.past, atMs: cutMs, parameters: parameters, control: control)
        let all = period.targets(parameters.recommendsTouched ? .all : .new)
        var wanted: [Int: [UInt32]] = [:]
        for (user, targets) in zip(period.users, all) where !targets.isEmpty { wanted[user] = targets }
        candidates = try sources.candidates(of: wanted.keys.sorted(), control: control)
        targets = candidates.users.map { wanted[$0] ?? [] }
    }

    /// NDCG of the candidates in the order of trees that are grown with a setting. Less effort means fewer trees, each
    /// counting more, so that what they come to stays comparable.
    func score(
        _ boosting: BoostingParameters, effort: Double, length: Int, control: StepControl
    ) throws -> Double {
        var own = boosting
        own.rounds = max(Int(Double(own.rounds) * effort), 20)
        own.learningRate = min(own.learningRate * Double(boosting.rounds) / Double(own.rounds), 0.3)
        let columns = training.features.varyingColumns()
        let trees = try GradientBoostedTrees(
            growingOn: training.features.columns(columns), labels: training.labels, groups: training.groups,
            parameters: own, control: control)
        let scorer = try TreeScorer(
            bytes: trees.bytes(), featureNames: trees.featureNames, columnNames: candidates.features.names)
        let scores = try scorer.scores(candidates.features, control: control)
        var sum = 0.0
        var first = 0
        for (user, count) in candidates.counts.enumerated() {
            let rows = (first..<first + count).sorted {
                scores[$0] != scores[$1]
                    ? scores[$0] > scores[$1] : candidates.items[$0] < candidates.items[$1]
            }
            first += count
            let list = rows.prefix(length).map { candidates.items[$0] }
            sum += Double(ListMetric.values(list, targets: targets[user], length: length)[0])
        }
        return sum / Double(max(candidates.counts.count, 1))
    }
}
