// What an evaluation found, as it is written down: with the protocol beside the figures.

/// The figures of several kinds of lists on the same held-out period.
package struct Evaluation: Codable, Hashable, Sendable {
    /// A mean and the interval that holds 95 % of the means over drawings of users; no interval without drawings.
    package struct Figure: Codable, Hashable, Sendable {
        package let value: Double
        package let low: Double?
        package let high: Double?

        init(_ value: Double, _ interval: (low: Double, high: Double)?) {
            self.value = value
            low = interval?.low
            high = interval?.high
        }
    }

    /// One kind of lists.
    package struct Row: Codable, Hashable, Sendable {
        /// Which lists.
        package let lists: ComparedLists
        /// Means over all users that count; a user without a list counts with 0. By ``ListMetric``.
        package let metrics: [String: Figure]
        /// The share of the items that may be recommended which stand in any list.
        package let coverage: Double
        /// -log2 of the share of users who had touched an item before the cut, mean over all places of all lists:
        /// self-information (Vargas and Castells, RecSys 2011), in bits. Nil without lists.
        package let novelty: Double?
        /// Users with a list.
        package let usersWithList: Int

        /// A measure's mean.
        package func value(_ metric: ListMetric) -> Double { metrics[metric.rawValue]?.value ?? 0 }
    }

    /// All rows of one protocol.
    package struct Table: Codable, Hashable, Sendable {
        /// What counts as right.
        package let targets: HeldOutPeriod.Targets
        /// Users that count, and their targets.
        package let users: Int
        package let targetCount: Int
        package let rows: [Row]
        /// By how much the final lists lie above the best of the others by NDCG; nil if there are no final lists.
        package let gain: Gain?

        /// The row of some lists.
        package func row(_ lists: ComparedLists) -> Row? { rows.first { $0.lists == lists } }
    }

    /// The final lists' NDCG minus that of the best of the others.
    package struct Gain: Codable, Hashable, Sendable {
        package let over: ComparedLists
        package let difference: Figure
    }

    /// How it was done.
    package let parameters: EvaluationParameters
    /// The cut, and the end of what was held out, Unix ms.
    package let cutMs: Int64
    package let endMs: Int64
    /// Events before the cut, and users with one.
    package let eventsBefore: Int
    package let usersBefore: Int
    /// Users with events before the cut and behind it, of whom `usersJudged` are judged; and those of the period without
    /// a past, who do not count.
    package let usersFound: Int
    package let usersJudged: Int
    package let usersWithoutPast: Int
    /// Of the new targets, the share that was among the ranker's candidates: what its order could reach at most. Nil
    /// without a ranker.
    package let candidateRecall: Double?
    package let tables: [Table]

    /// The table of a protocol.
    package func table(_ targets: HeldOutPeriod.Targets) -> Table? { tables.first { $0.targets == targets } }
}

/// The lists that are compared.
package enum ComparedLists: String, Codable, CaseIterable, Sendable {
    /// What most users touched in the last two weeks before the cut.
    case popular
    /// What the user touched last.
    case recentlyTouched = "recently_touched"
    /// What is similar to the user's history.
    case itemToItem = "item_to_item"
    /// The largest inner products with the user's factors.
    case factors
    /// The autoencoder's scores.
    case autoencoder
    /// What a release would hold.
    case finalLists = "final"
}
