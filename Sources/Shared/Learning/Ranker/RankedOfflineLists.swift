// Offline lists by the ranker: the candidates of the present, in the order of the model of the past.

/// Ranks the candidates of whoever gets a list.
package struct RankedOfflineLists: Sendable {
    private let ranking: CandidateRanking
    private let served: OfflineLists
    /// How many users get a list, if they have candidates.
    package let servedCount: Int

    /// Computes the sources of the present.
    /// - Parameters:
    ///   - atMs: The present, Unix ms.
    ///   - lists: How long lists are, and who gets one.
    /// - Throws: CancellationError, `BoostingError`.
    package init(
        _ data: TrainingData, atMs: Int64, ranker: Ranker, parameters: RankerParameters, lists: OfflineLists.Parameters,
        control: StepControl = StepControl()
    ) throws {
        let served = OfflineLists(data, similar: RankedLists(), parameters: lists)
        self.served = served
        servedCount = (0..<served.userCount).count(where: served.isServed)
        // The last word about an item may be later than the last event.
        let isExcluded = (0..<data.catalogue.count).map { !data.catalogue.isAvailable($0) }
        let sources = try CandidateSources(
            data, atMs: atMs, isExcluded: isExcluded, parameters: parameters, control: control)
        ranking = try CandidateRanking(sources: sources, ranker: ranker, itemsMax: lists.itemsMax)
    }

    /// How many users the log names; not all of them get a list.
    package var userCount: Int { served.userCount }

    /// The lists of those among a range of users who get one, each best first.
    /// - Throws: CancellationError, `BoostingError`.
    package func lists(
        of users: Range<Int>, control: StepControl = StepControl()
    ) throws -> (users: [Int], lists: RankedLists) {
        try ranking.lists(of: users.filter { served.isServed($0) }, control: control)
    }
}
