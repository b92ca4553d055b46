// From what a user touched lately to one ordered list of online candidates.

package import Models

/// How online candidates are ordered.
package struct OnlineOrder: Sendable {
    /// How many of the latest distinct items count.
    package let itemsLatest: Int
    /// Weight by event type.
    package let types: EventTypes
    /// After how many milliseconds a touch counts half; nil if age does not matter.
    package let halfLifeMs: Double?

    package init(itemsLatest: Int, types: EventTypes, halfLifeMs: Double?) {
        self.itemsLatest = itemsLatest
        self.types = types
        self.halfLifeMs = halfLifeMs
    }

    /// Candidates, best first: similarity x weight of the event's type x 0.5^(age / half-life).
    ///
    /// Age counts from the user's newest touch, not from now, so the same state gives the same order at any time.
    /// An item that follows from several touches is a candidate once, for the touch that speaks most for it. Equal
    /// scores keep the order of touches (newest first) and of their lists.
    ///
    /// - Parameter entries: The user's touches, newest first; those behind the first ``itemsLatest`` are ignored.
    package func candidates(from entries: [OnlineEntry]) -> [OnlineCandidate] {
        guard let newestMs = entries.first?.timestampMs else { return [] }
        // Numbers are sorted, not candidates: these would be moved about with all that they hold. The complement of the
        // score stands high and the order of appending low: newest touch first, then place in its list.
        var order: [UInt64] = []
        order.reserveCapacity(min(entries.count, itemsLatest) * 16)
        let latest = entries.prefix(itemsLatest)
        var factors: [Float] = []
        factors.reserveCapacity(latest.count)
        for (cause, entry) in latest.enumerated() {
            let factor = Float(types.weight(of: entry.type) * decay(ageMs: newestMs - entry.timestampMs))
            factors.append(factor)
            for (place, scored) in entry.similar.enumerated() {
                let position = UInt32(cause) << 20 | UInt32(place & 0xF_FFFF)
                order.append(UInt64(~Self.sortable(scored.score * factor)) << 32 | UInt64(position))
            }
        }
        order.sort()
        return order.map { key in
            let cause = Int(key & 0xFFFF_FFFF) >> 20
            let scored = latest[cause].similar[Int(key & 0xF_FFFF)]
            return OnlineCandidate(
                item: scored.item, score: scored.score * factors[cause], similarity: scored.score, cause: cause)
        }
    }

    /// A number that is larger for a larger score: IEEE 754 orders positive numbers as their bits, negative ones the
    /// other way round. Zero has one such number, whatever its sign.
    private static func sortable(_ score: Float) -> UInt32 {
        let bits = (score + 0).bitPattern
        return bits >> 31 == 0 ? bits | 1 << 31 : ~bits
    }

    private func decay(ageMs: Int64) -> Double {
        guard let halfLifeMs, ageMs > 0 else { return 1 }
        return exponential(-Double(ageMs) / halfLifeMs)
    }

    /// 2^x for x <= 0, by halving: the standard library alone has no `exp2`.
    private func exponential(_ exponent: Double) -> Double {
        let whole = exponent.rounded(.down)
        guard whole > -1000 else { return 0 }
        let fraction = (exponent - whole) * 0.693_147_180_559_945_3
        // The series of e^x on 0...ln 2; ten terms leave an error below 1e-11.
        var term = 1.0
        var sum = 1.0
        for index in 1...10 {
            term *= fraction / Double(index)
            sum += term
        }
        return Double(sign: .plus, exponent: Int(whole), significand: sum)
    }
}

/// An item that follows from a touch.
package struct OnlineCandidate: Sendable, Hashable {
    /// The item.
    package let item: ItemID
    /// What it is ordered by.
    package let score: Float
    /// Its similarity to the touched item, as the generation states it.
    package let similarity: Float
    /// Which touch it follows from: index into the entries, newest first.
    package let cause: Int

    package init(item: ItemID, score: Float, similarity: Float, cause: Int) {
        self.item = item
        self.score = score
        self.similarity = similarity
        self.cause = cause
    }
}
