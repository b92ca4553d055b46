// The mechanism under Blend: three lists with a cursor each, and the set of items that are used up.

import Models

/// Takes items from the three lists of an input, each item once.
struct Merger {
    /// The answer so far.
    private(set) var places: [Place] = []

    private let count: Int
    private let input: BlendInput
    /// Which items are used up, as a table with open addressing that points at where they stand already: one more than
    /// an index into `places`, or into the excluded items with ``excludedBit``; zero is an empty slot. It is asked some
    /// 150 times for an answer, and copies no item.
    private var slots: [UInt32]
    private var onlineNext = 0
    private var offlineNext = 0
    private var popularNext = 0

    init(count: Int, input: BlendInput) {
        self.count = count
        self.input = input
        var size = 64
        while size < (input.excluded.count + count) * 2 { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        places.reserveCapacity(count)
        for (index, item) in input.excluded.items.enumerated() {
            if let slot = freeSlot(for: item) { slots[slot] = Self.excludedBit | UInt32(index + 1) }
        }
    }

    private static let excludedBit: UInt32 = 1 << 31

    /// Where an item that is not used up is to be noted; nil for one that is.
    @inline(__always)
    private func freeSlot(for item: ItemID) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: item.quickHash) & mask
        while slots[slot] != 0 {
            let entry = slots[slot]
            let index = Int(entry & ~Self.excludedBit) - 1
            let isUsed =
                entry & Self.excludedBit == 0 ? places[index].item == item : input.excluded.items[index] == item
            if isUsed { return nil }
            slot = (slot + 1) & mask
        }
        return slot
    }

    @inline(__always)
    private mutating func append(_ place: Place, at slot: Int) {
        places.append(place)
        slots[slot] = UInt32(places.count)
    }

    /// Odd places online, even places offline, until both sides have run out or the answer is full.
    mutating func interleave() {
        // Taken out of the input once: a list that is reached through `self` is retained and released for every item.
        let online = input.online
        let offline = input.offline
        while places.count < count {
            if places.count % 2 == 0 {
                guard takeOnline(from: online) || takeOffline(from: offline) else { return }
            } else {
                guard takeOffline(from: offline) || takeOnline(from: online) else { return }
            }
        }
    }

    /// Puts the next unused online item into the next place; false if there is none or the answer is full.
    mutating func takeOnline() -> Bool { takeOnline(from: input.online) }

    @inline(__always)
    private mutating func takeOnline(from online: [OnlineCandidate]) -> Bool {
        while places.count < count, onlineNext < online.count {
            let candidate = online[onlineNext]
            onlineNext += 1
            guard let slot = freeSlot(for: candidate.item) else { continue }
            append(
                Place(
                    item: candidate.item, source: .online, sourcePlace: onlineNext, score: candidate.score,
                    similarity: candidate.similarity, cause: candidate.cause), at: slot)
            return true
        }
        return false
    }

    /// Puts the next unused offline item into the next place; false if there is none or the answer is full.
    mutating func takeOffline() -> Bool { takeOffline(from: input.offline) }

    @inline(__always)
    private mutating func takeOffline(from offline: [ScoredItem]) -> Bool {
        var cursor = offlineNext
        defer { offlineNext = cursor }
        return take(from: offline, cursor: &cursor, source: .offline)
    }

    /// Puts the next unused popular item into the next place; false if there is none or the answer is full.
    mutating func takePopular() -> Bool {
        var cursor = popularNext
        defer { popularNext = cursor }
        return take(from: input.popular, cursor: &cursor, source: .popular)
    }

    @inline(__always)
    private mutating func take(from list: [ScoredItem], cursor: inout Int, source: Source) -> Bool {
        while places.count < count, cursor < list.count {
            let scored = list[cursor]
            cursor += 1
            guard let slot = freeSlot(for: scored.item) else { continue }
            append(
                Place(
                    item: scored.item, source: source, sourcePlace: cursor, score: scored.score, similarity: nil,
                    cause: nil), at: slot)
            return true
        }
        return false
    }

    /// Fills the answer from places that carry a mixed score, best first; ties by item, so that the order is always the same.
    mutating func takeScored(_ scored: [ItemID: Place]) {
        let ordered = scored.values.sorted { left, right in
            left.score != right.score ? left.score > right.score : left.item < right.item
        }
        for place in ordered where places.count < count {
            if let slot = freeSlot(for: place.item) { append(place, at: slot) }
        }
    }

    /// Reciprocal rank fusion with the constant 60 of the paper.
    func reciprocalRanks() -> [ItemID: Place] {
        mixed { place, _ in 1 / Float(60 + place) }
    }

    /// Half of each list's score relative to its best.
    func meanScores() -> [ItemID: Place] {
        mixed { _, relativeScore in relativeScore / 2 }
    }

    /// Both lists in one, each item with the sum of what `contribution` gives it in either; its source is the list
    /// that gave it more.
    private func mixed(_ contribution: (_ place: Int, _ relativeScore: Float) -> Float) -> [ItemID: Place] {
        var mixed: [ItemID: Place] = [:]
        var seen: Set<ItemID> = []
        let bestOnline = input.online.first?.score ?? 0
        // Places count after de-duplication: an item that three touches suggest is still one online item.
        for (index, candidate) in input.online.enumerated() where seen.insert(candidate.item).inserted {
            let score = contribution(seen.count, bestOnline > 0 ? candidate.score / bestOnline : 0)
            mixed[candidate.item] = Place(
                item: candidate.item, source: .online, sourcePlace: index + 1, score: score,
                similarity: candidate.similarity, cause: candidate.cause)
        }
        seen.removeAll(keepingCapacity: true)
        let bestOffline = input.offline.first?.score ?? 0
        for (index, scored) in input.offline.enumerated() where seen.insert(scored.item).inserted {
            let score = contribution(seen.count, bestOffline > 0 ? scored.score / bestOffline : 0)
            let online = mixed[scored.item]
            let leads = (online?.score ?? -1) >= score ? online : nil
            mixed[scored.item] = Place(
                item: scored.item, source: leads?.source ?? .offline, sourcePlace: leads?.sourcePlace ?? index + 1,
                score: score + (online?.score ?? 0), similarity: leads?.similarity, cause: leads?.cause)
        }
        return mixed
    }
}
