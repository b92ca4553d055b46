// Candidates in the order of a ranker.

/// Orders the candidates of any users.
struct CandidateRanking: Sendable {
    private let sources: CandidateSources
    private let trees: TreeScorer
    private let itemsMax: Int

    /// A written score is a probability in percent: four decimals of a probability itself would leave ties.
    private static let scale = 100.0

    /// - Throws: `BoostingError` if the ranker looks at a column that there is none of.
    init(sources: CandidateSources, ranker: Ranker, itemsMax: Int) throws {
        self.sources = sources
        self.itemsMax = itemsMax
        trees = try TreeScorer(
            bytes: ranker.model, featureNames: ranker.featureNames, columnNames: CandidateFeatures.names)
    }

    /// The lists of those users who have candidates, each best first.
    /// - Throws: CancellationError, `BoostingError`.
    func lists(of users: [Int], control: StepControl) throws -> (users: [Int], lists: RankedLists) {
        let rows = try sources.candidates(of: users, control: control)
        let scores = try trees.scores(rows.features, control: control)
        return (rows.users, Self.order(rows, by: scores, itemsMax: itemsMax))
    }

    /// Each user's best candidates.
    static func order(_ rows: CandidateRows, by scores: [Float], itemsMax: Int) -> RankedLists {
        var lists = RankedLists()
        var first = 0
        for count in rows.counts {
            let candidates = first..<first + count
            first += count
            var ranked = candidates.map { row in
                RankedItem(item: rows.items[row], rounding: Double(scores[row]) * scale)
            }
            ranked.sort(by: RankedItem.precedes)
            lists.append(ranked.prefix(itemsMax))
        }
        return lists
    }
}
