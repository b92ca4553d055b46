// Candidates in the order of a ranker.

/// Orders the candidates of any users.
struct CandidateRanking: Sendable {
    private let sources: CandidateSources
    private let ranker: Ranker
    /// The columns that the ranker looks at, by place among all.
    private let columns: [Int]
    private let itemsMax: Int

    /// A written score is a probability in percent: four decimals of a probability itself would leave ties.
    private static let scale = 100.0

    /// - Throws: `BoostingError` if the ranker looks at a column that there is none of.
    init(sources: CandidateSources, ranker: Ranker, itemsMax: Int) throws {
        self.sources = sources
        self.ranker = ranker
        self.itemsMax = itemsMax
        columns = try ranker.featureNames.map { name in
            guard let column = CandidateFeatures.names.firstIndex(of: name) else {
                throw BoostingError(reason: "there is no feature \(name)")
            }
            return column
        }
    }

    /// The lists of those users who have candidates, each best first.
    /// - Throws: CancellationError, `BoostingError`.
    func lists(of users: [Int], control: StepControl) throws -> (users: [Int], lists: RankedLists) {
        let rows = try sources.candidates(of: users, control: control)
        let trees = try GradientBoostedTrees(bytes: ranker.model, featureNames: ranker.featureNames)
        let scores = try trees.scores(rows.features.columns(columns))
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
