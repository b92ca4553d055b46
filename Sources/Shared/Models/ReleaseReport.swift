// What a release would change, compared with the live one; the gate judges it, and people read it.

/// A release's report.
package struct ReleaseReport: Codable, Hashable, Sendable {
    /// What became of the release at the gate.
    package enum Decision: String, Codable, Sendable {
        /// It was let through.
        case passed
        /// It waits for a person's word.
        case waiting
        /// A person let it through.
        case approved
        /// It was kept out, by the margins or by a person.
        case refused
        /// It was live, and answers became worse.
        case withdrawn
    }

    /// The lists of one side.
    package struct Lists: Codable, Hashable, Sendable {
        /// The release.
        package var release: String
        /// The generation in Redis.
        package var generation: Int
        /// Users with an offline list.
        package var users: Int
        /// Users whose list was left empty, since nothing of it is available.
        package var emptyLists: Int
        /// Offline lists of fewer than ten items.
        package var shortLists: Int
        /// Different items in offline lists.
        package var itemsCovered: Int
        /// Items that similar items are known of.
        package var itemsWithSimilar: Int
        /// How well the lists' model did on the end of its own log, NDCG@10; nil if it was not judged.
        package var ndcg: Double?

        package init(
            release: String, generation: Int, users: Int, emptyLists: Int, shortLists: Int, itemsCovered: Int,
            itemsWithSimilar: Int, ndcg: Double?
        ) {
            self.release = release
            self.generation = generation
            self.users = users
            self.emptyLists = emptyLists
            self.shortLists = shortLists
            self.itemsCovered = itemsCovered
            self.itemsWithSimilar = itemsWithSimilar
            self.ndcg = ndcg
        }

        private enum CodingKeys: String, CodingKey {
            case release, generation, users, ndcg
            case emptyLists = "empty_lists"
            case shortLists = "short_lists"
            case itemsCovered = "items_covered"
            case itemsWithSimilar = "items_with_similar"
        }
    }

    /// Who decided about a release that a person sent past the gate.
    package static let pastTheGate = "request"

    /// The release that the report is about.
    package var new: Lists
    /// The release that was live when it was loaded; nil if none was.
    package var live: Lists?
    /// Users of the live release who have no list in the new one.
    package var usersLost: Int
    /// Users of the new release who have no list in the live one.
    package var usersGained: Int
    /// How many of a user's first ten items stand among the first ten of the live list too, as a mean share over users with
    /// both; nil without such users.
    package var overlapAtTen: Double?
    /// From how many users the overlap was measured: a sample, the same ones every time.
    package var overlapUsers: Int
    /// What became of it.
    package var decision: Decision
    /// Why, one sentence each; empty if nothing spoke against it.
    package var reasons: [String]
    /// Whose word it was; nil for the gate's own.
    package var decidedBy: String?
    /// When, Unix ms.
    package var decidedAtMs: Int64

    package init(
        new: Lists, live: Lists?, usersLost: Int, usersGained: Int, overlapAtTen: Double?, overlapUsers: Int,
        decision: Decision, reasons: [String], decidedBy: String? = nil, decidedAtMs: Int64
    ) {
        self.new = new
        self.live = live
        self.usersLost = usersLost
        self.usersGained = usersGained
        self.overlapAtTen = overlapAtTen
        self.overlapUsers = overlapUsers
        self.decision = decision
        self.reasons = reasons
        self.decidedBy = decidedBy
        self.decidedAtMs = decidedAtMs
    }

    private enum CodingKeys: String, CodingKey {
        case new, live, decision, reasons
        case usersLost = "users_lost"
        case usersGained = "users_gained"
        case overlapAtTen = "overlap_at_10"
        case overlapUsers = "overlap_users"
        case decidedBy = "decided_by"
        case decidedAtMs = "decided_at_ms"
    }
}
