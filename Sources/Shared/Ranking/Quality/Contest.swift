// Which side users prefer where both could have been taken: interleaving (Radlinski, Kurup and Joachims, "How does
// clickthrough data reflect retrieval quality?", CIKM 2008). Pure.
//
// There a coin decides who goes first. Here the order of places is a promise to clients, so online always has the odd
// places and offline the even ones, and a plain count of clicks mixes who is better with who stands higher. It is not
// balanced away; it is bounded, from both sides:
//
//   pairs (1,2), (3,4) … : online stands higher, and takes an item first that both sides have;
//   pairs (2,3), (4,5) … : offline does.
//
// Assume that a place is clicked no more than it would be one place higher, and that each side's list falls in worth.
// With e(p), the chance that place p is looked at, and r, the chance that an item is taken then, online's share of the
// events on a pair (p, p+1) is
//
//   e(p) r(online) / (e(p) r(online) + e(p+1) r(offline))  ≥  r(online) / (r(online) + r(offline))   if online is first,
//
// and, with offline first, no larger than that. What users prefer therefore lies between the two shares, whatever e is. So
// online has won only where it wins from the lower place, and offline only where it wins from the lower place.

import Models

/// Events on pairs of neighbouring places, one online and one offline, by who had the item.
package struct Contest: Sendable, Hashable {
    /// How many groups of users are counted apart, so that an interval knows that one user's events are alike.
    package static let bucketCount = UserBucket.count

    /// Who stands higher in the pairs that are counted; a closed set, since it labels metrics.
    package enum Comparison: String, Sendable, CaseIterable {
        /// Places (1,2), (3,4) …
        case onlineFirst = "online_first"
        /// Places (2,3), (4,5) …
        case offlineFirst = "offline_first"
    }

    /// Events on one place of a pair.
    package struct Wins: Sendable, Hashable {
        package var online: Int
        package var offline: Int
        package var total: Int { online + offline }

        package init(online: Int = 0, offline: Int = 0) {
            self.online = online
            self.offline = offline
        }
    }

    /// By comparison, by group of users.
    private var wins = [[Wins]](
        repeating: [Wins](repeating: Wins(), count: bucketCount), count: Comparison.allCases.count)

    package init() {}

    /// Whether nothing has been counted.
    package var isEmpty: Bool { wins.allSatisfy { $0.allSatisfy { $0.total == 0 } } }

    /// What a group of users decided.
    package subscript(comparison: Comparison, bucket: Int) -> Wins {
        get { wins[comparison == .onlineFirst ? 0 : 1][bucket] }
        set { wins[comparison == .onlineFirst ? 0 : 1][bucket] = newValue }
    }

    /// What each group of users decided.
    package subscript(comparison: Comparison) -> [Wins] { wins[comparison == .onlineFirst ? 0 : 1] }

    /// Counts an event. Only interleaved lists are a contest, and only pairs of which one place really is online and the
    /// other offline: where a side has run out, there is nothing to choose.
    package mutating func add(_ score: ListScore, bucket: Int) {
        for (comparison, winner) in Self.winners(score) {
            switch winner {
            case .online: self[comparison, bucket].online += 1
            case .offline: self[comparison, bucket].offline += 1
            case .popular: break
            }
        }
    }

    /// Who wins by an event, in which comparisons.
    package static func winners(_ score: ListScore) -> [(comparison: Comparison, winner: Source)] {
        guard score.blend == .interleave, let place = score.place, let source = score.source else { return [] }
        return Comparison.allCases.compactMap { comparison in
            // The first place of every pair is odd where online stands higher, even where offline does.
            let isFirst = place % 2 == (comparison == .onlineFirst ? 1 : 0)
            let first = isFirst ? place : place - 1
            guard first >= 1, first < score.sources.count else { return nil }
            let pair = (score.sources[first - 1], score.sources[first])
            let wanted: (Source, Source) = comparison == .onlineFirst ? (.online, .offline) : (.offline, .online)
            return pair == wanted ? (comparison, source) : nil
        }
    }

    package static func += (left: inout Contest, right: Contest) {
        for comparison in Comparison.allCases {
            for bucket in 0..<bucketCount {
                left[comparison, bucket].online += right[comparison, bucket].online
                left[comparison, bucket].offline += right[comparison, bucket].offline
            }
        }
    }

    /// Online's share in one comparison.
    package func share(_ comparison: Comparison) -> ClusteredShare {
        ClusteredShare(self[comparison].map { (successes: $0.online, trials: $0.total) })
    }

    /// Who has won.
    package var verdict: ContestVerdict {
        ContestVerdict(lower: share(.offlineFirst), upper: share(.onlineFirst))
    }
}

/// What can be said about who is better.
package enum ContestVerdict: Sendable, Hashable {
    /// Online wins even from the lower place.
    case online
    /// Offline wins even from the lower place.
    case offline
    /// Too few users have decided anything yet.
    case tooFew
    /// One side leads from the lower place, not yet by more than chance. If it goes on like this, about so many further
    /// events on such pairs decide.
    case leading(Source, moreEvents: Int)
    /// Whoever stands higher wins: what users prefer is hidden behind the places, and more events do not show it.
    case placesDecide

    /// - Parameters:
    ///   - lower: online's share where offline stands higher.
    ///   - upper: online's share where online does.
    init(lower: ClusteredShare, upper: ClusteredShare) {
        if let low = lower.interval?.low, low > 0.5 {
            self = .online
        } else if let high = upper.interval?.high, high < 0.5 {
            self = .offline
        } else if let share = lower.share, share > 0.5, let needed = lower.trialsToTell(from: 0.5) {
            self = .leading(.online, moreEvents: max(1, needed - lower.trials))
        } else if let share = upper.share, share < 0.5, let needed = upper.trialsToTell(from: 0.5) {
            self = .leading(.offline, moreEvents: max(1, needed - upper.trials))
        } else if lower.interval == nil || upper.interval == nil {
            self = .tooFew
        } else {
            self = .placesDecide
        }
    }
}
