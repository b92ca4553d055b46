// The blend: which item stands in which place of the answer, and why. Pure, and the heart of what Freshet promises.
//
// Places count from 1. In `interleave` an odd place takes the next unused online item, an even place the next unused
// offline item. Unused is judged after exclusion and de-duplication, so the parity holds in what is returned. A side
// that has run out is replaced by the other, then by popular items.

package import Models

/// The ways to merge a user's lists.
package enum Blend: String, Sendable, CaseIterable {
    /// Odd places online, even places offline.
    case interleave
    /// Reciprocal rank fusion: the sum of 1 / (60 + rank) over both lists (Cormack, Clarke, Büttcher, SIGIR 2009).
    case rrf
    /// The mean of both lists' scores, each divided by its list's best.
    case weighted
    /// Offline items, then popular ones.
    case offline
    /// Online items, then popular ones.
    case online
}

/// Where an item of an answer came from.
package enum Source: String, Sendable, CaseIterable {
    case online, offline, popular
}

/// One place of an answer.
package struct Place: Sendable, Hashable {
    /// The item.
    package let item: ItemID
    /// The list that it came from.
    package let source: Source
    /// Its place in that list, from 1, before anything was left out.
    package let sourcePlace: Int
    /// The score it was ordered by: of its list, or of the blend that mixes scores.
    package let score: Float
    /// For an online item, its similarity to the item that caused it.
    package let similarity: Float?
    /// For an online item, the index of the touch that caused it, newest first.
    package let cause: Int?

    package init(
        item: ItemID, source: Source, sourcePlace: Int, score: Float, similarity: Float? = nil, cause: Int? = nil
    ) {
        self.item = item
        self.source = source
        self.sourcePlace = sourcePlace
        self.score = score
        self.similarity = similarity
        self.cause = cause
    }
}

/// Why a candidate is not in the answer.
package enum DropReason: String, Sendable {
    /// It stands in the answer already, from another list or touch.
    case duplicate
    /// Left out by request, by rule or because it is hidden.
    case excluded
    /// The answer was full.
    case cut
}

/// A candidate that is not in the answer.
package struct Dropped: Sendable, Hashable {
    package let item: ItemID
    package let source: Source
    package let sourcePlace: Int
    package let reason: DropReason
}

/// What an answer is made from.
package struct BlendInput: Sendable {
    /// Online candidates, best first.
    package var online: [OnlineCandidate]
    /// The user's offline list, best first.
    package var offline: [ScoredItem]
    /// Popular items, best first; only as many are read as are needed.
    package var popular: [ScoredItem]
    /// Items that must not be returned.
    package var excluded: ItemSet

    package init(online: [OnlineCandidate], offline: [ScoredItem], popular: [ScoredItem], excluded: ItemSet) {
        self.online = online
        self.offline = offline
        self.popular = popular
        self.excluded = excluded
    }
}

extension Blend {
    /// The best `count` places. Fewer only if the input holds fewer eligible items.
    package func places(_ count: Int, from input: BlendInput) -> [Place] {
        var merger = Merger(count: count, input: input)
        switch self {
        case .interleave: merger.interleave()
        case .rrf: merger.takeScored(merger.reciprocalRanks())
        case .weighted: merger.takeScored(merger.meanScores())
        case .online: while merger.takeOnline() {}
        case .offline: while merger.takeOffline() {}
        }
        while merger.takePopular() {}
        return merger.places
    }

    /// The online and offline candidates that `places` does not return, with the reason of each.
    package func dropped(from input: BlendInput, places: [Place]) -> [Dropped] {
        var kept: [ItemID: Place] = [:]
        for place in places { kept[place.item] = place }
        func reason(_ item: ItemID, _ source: Source, _ sourcePlace: Int) -> DropReason? {
            if input.excluded.contains(item) { return .excluded }
            guard let place = kept[item] else { return .cut }
            return place.source == source && place.sourcePlace == sourcePlace ? nil : .duplicate
        }
        var dropped: [Dropped] = []
        for (index, candidate) in input.online.enumerated() {
            guard let reason = reason(candidate.item, .online, index + 1) else { continue }
            dropped.append(Dropped(item: candidate.item, source: .online, sourcePlace: index + 1, reason: reason))
        }
        for (index, candidate) in input.offline.enumerated() {
            guard let reason = reason(candidate.item, .offline, index + 1) else { continue }
            dropped.append(Dropped(item: candidate.item, source: .offline, sourcePlace: index + 1, reason: reason))
        }
        return dropped
    }
}
