// How long parameters are looked for.

/// The budget of a search over hyperparameters.
package struct SearchParameters: Codable, Hashable, Sendable {
    /// Settings that are tried for each source of candidates and for the trees, the present ones among them; 0 or 1 for
    /// no search.
    package var trials = 0
    /// Minutes after which nothing new is tried; nil for as long as it takes. What a search finds within a time depends
    /// on the machine, what it finds in a number of trials does not.
    package var minutesMax: Double?
    /// The first round gives each trial a ninth of the full effort, the second a third.
    package var keptShare = 1.0 / 3
    /// The share of the log's time, at the end of what it may look at, whose targets settings are judged by.
    package var judgedShare = 1.0 / 9
    /// Users whom a setting is judged by at most.
    package var usersMax = 5_000
    /// Where chance starts from.
    package var seed: UInt64 = 1

    package init() {}
}

/// What a search found.
package struct SearchReport: Codable, Hashable, Sendable {
    /// One part of the search: a source of candidates, or the trees.
    package struct Stage: Codable, Hashable, Sendable {
        package let name: String
        /// How many settings were tried.
        package let trials: Int
        /// NDCG at 10 of the settings that it began with, and of the best, on the judged period at full effort.
        package let before: Double
        package let after: Double
        /// Whether time ran out before all trials had their turn.
        package let isCutShort: Bool
    }

    package internal(set) var stages: [Stage] = []

    package init() {}
}
