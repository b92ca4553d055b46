// Offline lists by the ranker: the candidates of the present, in the order of the model of the past.

/// Ranks the candidates of any users.
package struct RankedOfflineLists: Sendable {
    private let sources: CandidateSources
    private let ranker: Ranker
    private let itemsMax: Int
    private let served: OfflineLists

    /// A written score is a probability in percent: four decimals of a probability itself would leave ties.
    private static let scale = 100.0

    /// Computes the sources of the present.
    /// - Parameters:
    ///   - atMs: The present, Unix ms.
    ///   - lists: How long lists are, and who gets one.
    /// - Throws: CancellationError.
    package init(
        _ data: TrainingData, atMs: Int64, ranker: Ranker, parameters: RankerParameters, lists: OfflineLists.Parameters,
        control: StepControl = StepControl()
    ) throws {
        self.ranker = ranker
        itemsMax = lists.itemsMax
        served = OfflineLists(data, similar: RankedLists(), parameters: lists)
        sources = try CandidateSources(data, atMs: atMs, parameters: parameters, control: control)
    }

    /// How many users the log names; not all of them get a list.
    package var userCount: Int { served.userCount }

    /// The lists of those among a range of users who get one, each best first.
    /// - Throws: CancellationError, `BoostingError`.
    package func lists(
        of users: Range<Int>, control: StepControl = StepControl()
    ) throws -> (users: [Int], lists: RankedLists) {
        let wanted = users.filter { served.isServed($0) }
        let rows = try sources.candidates(of: wanted, control: control)
        let trees = try GradientBoostedTrees(bytes: ranker.model, featureNames: CandidateFeatures.names)
        let scores = try trees.scores(rows.features)
        var lists = RankedLists()
        var first = 0
        for count in rows.counts {
            let candidates = first..<first + count
            first += count
            var ranked = candidates.map { row in
                RankedItem(item: rows.items[row], rounding: Double(scores[row]) * Self.scale)
            }
            ranked.sort(by: RankedItem.precedes)
            lists.append(ranked.prefix(itemsMax))
        }
        return (rows.users, lists)
    }
}
