// What a ranker learns from: for each of some periods, the candidates that would have been users' before it, and which of
// them they touched in it. Hits outside of the candidates are not put in: the ranker would learn to tell how they got there.

/// Candidates of past periods, with what became of them.
struct RankerRows: Sendable {
    private(set) var features = FeatureMatrix(names: CandidateFeatures.names)
    /// 1 for a candidate that was touched in its period, else 0.
    private(set) var labels: [Float] = []
    /// How many candidates each user has.
    private(set) var groups: [Int] = []
    private(set) var figures = Ranker.Figures()
    private var targetCount = 0

    private static let usersPerBlock = 512

    /// Collects the rows of the periods before `atMs`, Unix ms, the oldest period first.
    /// - Throws: CancellationError.
    init(_ data: TrainingData, atMs: Int64, parameters: RankerParameters, control: StepControl) throws {
        guard let oldestMs = data.interactions.oldestMs else { return }
        let periodMs = Int64(Double(atMs - oldestMs) * parameters.periodShare)
        guard periodMs > 0, parameters.periods > 0 else { return }
        for period in (1...parameters.periods).reversed() {
            let cutMs = atMs - Int64(period) * periodMs
            let past = data.before(cutMs)
            guard past.interactions.count > 0 else { continue }
            let targets = data.interactions.newItems(
                in: cutMs..<cutMs + periodMs, includesKnown: parameters.recommendsTouched)
            guard !targets.isEmpty else { continue }
            let sources = try CandidateSources(past, atMs: cutMs, parameters: parameters, control: control.silent)
            try add(targets, sources, rowsMax: parameters.rowsMax / parameters.periods, control: control.silent)
            control.report(1 - Double(period - 1) / Double(parameters.periods))
        }
        figures.rows = labels.count
        figures.users = groups.count
        figures.candidateRecall = Double(figures.hits) / Double(max(targetCount, 1))
    }

    /// The rows of one period.
    init(
        _ targets: [(user: Int, items: [UInt32])], _ sources: CandidateSources, rowsMax: Int, control: StepControl
    ) throws {
        try add(targets, sources, rowsMax: rowsMax, control: control)
    }

    /// Adds a period: users in an order that has nothing to do with their names, until there are rows enough. Users
    /// without a hit say nothing about order.
    private mutating func add(
        _ targets: [(user: Int, items: [UInt32])], _ sources: CandidateSources, rowsMax: Int, control: StepControl
    ) throws {
        let shuffled = targets.sorted { ($0.user.mixed(), $0.user) < ($1.user.mixed(), $1.user) }
        let rowsEnd = labels.count + rowsMax
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
                figures.hits += found
                guard found > 0 else { continue }
                for row in candidates {
                    features.append(rows.features[row])
                    labels.append(hits.contains(rows.items[row]) ? 1 : 0)
                }
                groups.append(count)
            }
        }
    }
}
