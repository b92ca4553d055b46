// Whether a release may become live: pure judgement over its report.

import Models
import Settings

/// The gate between a release and the answers.
struct ReleaseGate: Sendable {
    /// What may speak against a release; a closed set, since it labels a metric.
    enum Ground: String, Sendable, CaseIterable {
        case noUsers = "no_users"
        case usersLost = "users_lost"
        case shortLists = "short_lists"
        case coverage
        case overlap
        case metric
    }

    /// What speaks against a release.
    struct Objection: Sendable, Hashable {
        let ground: Ground
        /// A sentence with the numbers.
        let text: String
    }

    private let settings: GateSettings

    init(_ settings: GateSettings) { self.settings = settings }

    /// What speaks against a release. Against the first one nothing does, unless it has lists and nothing of any is available: a
    /// shop may do without offline lists, but not by mistake.
    func objections(to report: ReleaseReport) -> [Objection] {
        let new = report.new
        if new.users == 0, new.emptyLists > 0 {
            return [Objection(ground: .noUsers, text: "no item of its \(new.emptyLists) offline lists is available")]
        }
        guard let live = report.live else { return [] }
        guard new.users > 0 || live.users == 0 else {
            return [Objection(ground: .noUsers, text: "it has no offline list, the live one has \(live.users)")]
        }
        var objections: [Objection] = []
        func object(_ ground: Ground, _ text: String) { objections.append(Objection(ground: ground, text: text)) }
        let lost = Self.share(report.usersLost, of: live.users)
        if lost > settings.usersLostMaxShare {
            object(
                .usersLost,
                "\(report.usersLost) of \(live.users) users lose their list (\(Self.percent(lost)), at most "
                    + "\(Self.percent(settings.usersLostMaxShare)))")
        }
        let (short, shortBefore) = (Self.shortShare(new), Self.shortShare(live))
        if short - shortBefore > settings.shortListsRiseMax {
            object(
                .shortLists,
                "\(Self.percent(short)) of the lists are empty or shorter than ten items, \(Self.percent(shortBefore)) of "
                    + "the live ones (a rise of \(Self.percent(settings.shortListsRiseMax)) at most)")
        }
        let coverage = Self.share(new.itemsCovered, of: live.itemsCovered)
        if live.itemsCovered > 0, coverage < settings.coverageMinShare {
            object(
                .coverage,
                "the lists hold \(new.itemsCovered) different items, the live ones \(live.itemsCovered) "
                    + "(\(Self.percent(coverage)), at least \(Self.percent(settings.coverageMinShare)))")
        }
        if let overlap = report.overlapAtTen, overlap < settings.overlapMin {
            object(
                .overlap,
                "lists share \(Self.percent(overlap)) of their first ten items with the live ones (at least "
                    + "\(Self.percent(settings.overlapMin)))")
        }
        if let ndcg = new.ndcg, let before = live.ndcg, ndcg < before * (1 - settings.metricLossMaxShare) {
            object(
                .metric,
                "its model reached NDCG@10 \(Self.decimal(ndcg)), the live one's \(Self.decimal(before)) (a loss of "
                    + "\(Self.percent(settings.metricLossMaxShare)) at most)")
        }
        return objections
    }

    /// What becomes of the release. In autonomous mode nobody is there to ask, so what is outside of the margins is kept
    /// out; else it waits for a person. A release without any list is kept out whatever the mode.
    func decision(_ objections: [Objection], isFirst: Bool) -> ReleaseReport.Decision {
        if objections.contains(where: { $0.ground == .noUsers }) { return .refused }
        if settings.isAutonomous { return objections.isEmpty ? .passed : .refused }
        if isFirst { return .passed }
        return objections.isEmpty && !settings.wantsApproval ? .passed : .waiting
    }

    private static func shortShare(_ lists: ReleaseReport.Lists) -> Double {
        share(lists.shortLists + lists.emptyLists, of: lists.users + lists.emptyLists)
    }

    private static func share(_ part: Int, of whole: Int) -> Double { Double(part) / Double(max(whole, 1)) }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    private static func decimal(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }
}
