// Compares a release with the live one while it is being loaded: every list passes by here once, so nothing is read twice and
// no more is held than the different items of the lists.

import Models
import Stores

/// Collects what a report says.
struct ReleaseReview: Sendable {
    /// Items that a list has at least to count as whole, and items that are compared.
    static let listLength = 10
    /// Users whose lists are compared, about.
    private static let overlapUsersWanted = 20_000

    private let lists: GenerationLists
    private let live: ReleaseReport.Lists?
    /// Every so many users are compared.
    private let overlapStride: Int
    private var users = 0
    private var shortLists = 0
    private var common = 0
    private var covered: Set<ItemID> = []
    private var overlap = (sum: 0.0, users: 0)

    /// - Parameters:
    ///   - live: what is known of the live release; nil if there is none.
    ///   - listCount: how many offline lists the manifest promises.
    init(lists: GenerationLists, live: ReleaseReport.Lists?, listCount: Int) {
        self.lists = lists
        self.live = live
        overlapStride = max(listCount / Self.overlapUsersWanted, 1)
    }

    /// Takes offline lists into account; other lists are passed over.
    mutating func note(_ ready: [GenerationList]) async throws {
        var owners: [UserID] = []
        var sampled: [(user: UserID, items: [ItemID])] = []
        for case .offline(let user, let items) in ready {
            users += 1
            if items.count < Self.listLength { shortLists += 1 }
            for scored in items { covered.insert(scored.item) }
            owners.append(user)
            // A hash of the user, so that the same ones are compared every time.
            if EventPartition.of(user, partitions: overlapStride) == 0 {
                sampled.append((user, items.prefix(Self.listLength).map(\.item)))
            }
        }
        guard let live, !owners.isEmpty else { return }
        common += try await lists.offlineCount(among: owners, generation: live.generation)
        let before = try await lists.offline(of: sampled.map(\.user), generation: live.generation)
        for (new, old) in zip(sampled, before) where !old.isEmpty && !new.items.isEmpty {
            let known = Set(old.prefix(Self.listLength).map(\.item))
            let kept = new.items.count { known.contains($0) }
            overlap.sum += Double(kept) / Double(Self.listLength)
            overlap.users += 1
        }
    }

    /// The report, once all lists have passed. What is decided is the gate's part.
    func report(
        _ manifest: ReleaseManifest, generation: Int, emptyLists: Int, itemsWithSimilar: Int, nowMs: Int64
    ) -> ReleaseReport {
        ReleaseReport(
            new: ReleaseReport.Lists(
                release: manifest.release, generation: generation, users: users, emptyLists: emptyLists,
                shortLists: shortLists, itemsCovered: covered.count, itemsWithSimilar: itemsWithSimilar,
                ndcg: Self.ndcg(manifest)),
            live: live, usersLost: max((live?.users ?? 0) - common, 0), usersGained: users - common,
            overlapAtTen: overlap.users > 0 ? overlap.sum / Double(overlap.users) : nil, overlapUsers: overlap.users,
            decision: .passed, reasons: [], decidedAtMs: nowMs)
    }

    /// NDCG@10 of the lists' model on what its users had not touched before, else on all that they touched.
    private static func ndcg(_ manifest: ReleaseManifest) -> Double? {
        manifest.metrics["model.final.new.ndcg"] ?? manifest.metrics["model.final.all.ndcg"]
    }
}
