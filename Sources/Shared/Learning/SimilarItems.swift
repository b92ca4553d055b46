// Item to item: what users who touched one item touched with it, soon after it above all.
//
// For items i and j, over all users u whose recent history holds both:
//
//     score(i, j) = n / (n + shrinkage) * sum_u w(u,i) w(u,j) nearness_u(i,j) / (|i| |j|),   |i|^2 = sum_u w(u,i)^2
//
// The cosine between items as vectors over users is Sarwar et al., "Item-based collaborative filtering recommendation
// algorithms" (WWW 2001), section 3.1.1; the factor with the support n, the number of such users, is Koren,
// "Factorization meets the neighborhood" (KDD 2008), equation 2. Nearness is at most 1, so a score is too.

/// Computes similar items of any range of items, so that ranges can be computed side by side.
package struct SimilarItems: Sendable {
    /// What the score depends on.
    package struct Parameters: Codable, Hashable, Sendable {
        /// The longest list.
        package var itemsMax = 15
        /// How many of a user's newest distinct items are paired with one another.
        package var historyItemsMax = 50
        /// A pause of this length ends a session, in milliseconds.
        package var sessionGapMs: Int64 = 30 * 60 * 1000
        /// What a pair of different sessions is worth, beside one of the same session.
        package var acrossSessions = 0.5
        /// What j before i is worth, beside j after i.
        package var backward = 0.5
        /// The time between two touches that halves their nearness, in milliseconds.
        package var halvingMs = 24.0 * 3_600_000
        /// The support at which a score is halved.
        package var shrinkage = 3.0

        package init() {}
    }

    /// An item in a user's history, in the order of their touching: 24 bytes.
    private struct Touch {
        let item: UInt32
        let user: UInt32
        let session: UInt32
        let weight: Float
        let timestampMs: Int64
    }

    private let parameters: Parameters
    private let isAvailable: [Bool]
    /// All users' histories, one after the other, the oldest touch first.
    private let touches: [Touch]
    private let touchStarts: [Int]
    /// For each item, its places in `touches`.
    private let places: [UInt32]
    private let placeStarts: [Int]
    private let norms: [Double]

    /// Collects the histories and the index from items to them.
    /// - Parameter isExcluded: By item, whether it stands in no list; nil for those not available at present.
    package init(_ data: TrainingData, isExcluded: [Bool]? = nil, parameters: Parameters = Parameters()) {
        let table = data.interactions
        precondition(isExcluded.map { $0.count == table.itemCount } ?? true, "the mask is as long as the items")
        self.parameters = parameters
        isAvailable = isExcluded?.map { !$0 } ?? (0..<table.itemCount).map { data.catalogue.isAvailable($0) }
        let limits = RecentItemsLimits(itemsMax: parameters.historyItemsMax, sessionGapMs: parameters.sessionGapMs)
        var collector = RecentItemsCollector(items: table.itemCount, limits: limits)
        var touches: [Touch] = []
        var touchStarts = [0]
        touchStarts.reserveCapacity(table.users.count + 1)
        var squares = [Double](repeating: 0, count: table.itemCount)
        var placeStarts = [Int](repeating: 0, count: table.itemCount + 1)
        for user in 0..<table.users.count {
            collector.collect(user: user, of: table)
            for recent in collector.history.reversed() {
                touches.append(
                    Touch(
                        item: recent.item, user: UInt32(user), session: recent.session, weight: Float(recent.weight),
                        timestampMs: recent.timestampMs))
                squares[Int(recent.item)] += recent.weight * recent.weight
                placeStarts[Int(recent.item) + 1] += 1
            }
            touchStarts.append(touches.count)
        }
        for item in 0..<table.itemCount { placeStarts[item + 1] += placeStarts[item] }
        self.touches = touches
        self.touchStarts = touchStarts
        self.placeStarts = placeStarts
        places = Self.index(touches, placeStarts)
        norms = squares.map { $0.squareRoot() }
    }

    /// How many items there are to compute lists for.
    package var itemCount: Int { norms.count }

    /// What one worker needs for itself: twelve bytes an item, used again from range to range.
    package struct Scratch {
        fileprivate var scores: ScoreAccumulator
    }

    /// A worker's own memory.
    package func makeScratch() -> Scratch { Scratch(scores: ScoreAccumulator(items: itemCount)) }

    /// The lists of a range of items, each best first. Items that cannot be recommended stand in no list, but have one:
    /// users still look at them.
    package func lists(for range: Range<Int>, _ scratch: inout Scratch) -> RankedLists {
        var lists = RankedLists()
        var candidates: [RankedItem] = []
        for item in range {
            accumulate(item, &scratch.scores)
            candidates.removeAll(keepingCapacity: true)
            for other in scratch.scores.touched {
                let norm = norms[item] * norms[Int(other)]
                guard norm > 0, isAvailable[Int(other)] else { continue }
                let support = Double(scratch.scores.count(other))
                let cosine = scratch.scores.sum(other) / norm
                let candidate = RankedItem(item: other, rounding: cosine * support / (support + parameters.shrinkage))
                if candidate.score > 0 { candidates.append(candidate) }
            }
            scratch.scores.clear()
            candidates.sort(by: RankedItem.precedes)
            lists.append(candidates.prefix(parameters.itemsMax))
        }
        return lists
    }

    /// Visits every user whose history holds the item, and with them every other item there.
    private func accumulate(_ item: Int, _ accumulator: inout ScoreAccumulator) {
        for place in places[placeStarts[item]..<placeStarts[item + 1]] {
            let own = touches[Int(place)]
            let history = touchStarts[Int(own.user)]..<touchStarts[Int(own.user) + 1]
            for otherPlace in history where otherPlace != Int(place) {
                let other = touches[otherPlace]
                let distance = otherPlace - Int(place)
                let apartMs = Double(abs(other.timestampMs - own.timestampMs))
                var nearness = 1 / (Double(abs(distance)) * (1 + apartMs / parameters.halvingMs))
                if own.session != other.session { nearness *= parameters.acrossSessions }
                if distance < 0 { nearness *= parameters.backward }
                accumulator.add(Double(own.weight) * Double(other.weight) * nearness, to: other.item)
            }
        }
    }

    private static func index(_ touches: [Touch], _ placeStarts: [Int]) -> [UInt32] {
        var next = placeStarts
        var places = [UInt32](repeating: 0, count: touches.count)
        for (place, touch) in touches.enumerated() {
            places[next[Int(touch.item)]] = UInt32(place)
            next[Int(touch.item)] += 1
        }
        return places
    }
}
