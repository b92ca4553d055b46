// What happens inside a session: a walk from item to item that mostly follows the planted successors, with carts and
// purchases.

/// A row of the log before it is text.
struct SampleClick {
    let timestampMs: Int64
    let user: UInt32
    let item: UInt32
    let type: SampleClickType
}

/// The three event types, in the order in which they follow one another.
enum SampleClickType: UInt8 {
    case view, addtocart, transaction
}

/// Makes the clicks of any session, always the same ones.
struct SampleClicks {
    /// How the next item is chosen: a planted successor, the same again, the same category, or anything.
    private static let successorChance = 0.65
    private static let repeatChance = 0.10
    private static let categoryChance = 0.15
    /// How often a session starts in one of the user's favourite categories.
    private static let favouriteChance = 0.8
    private static let favouritesMax = 3
    /// A pause within a session: from 8 s to 17 min, always below the half hour that would end it.
    private static let pauseShortestMs = 8_000.0
    private static let pauseDoublings = 7

    let parameters: SampleDataParameters
    let catalogue: SampleCatalogue
    let conversion: SampleConversion

    /// Appends a session's clicks in time order; all lie before the log's end.
    func append(_ session: SampleSession, to clicks: inout [SampleClick]) {
        var random = SampleRandom(seed: parameters.seed, .session, Int(session.user), Int(session.number))
        let first = clicks.count
        var timeMs = parameters.startMs + Int64(session.startSeconds) * 1_000 + Int64(random.below(1_000))
        var item = startItem(user: Int(session.user), &random)
        var type = SampleClickType.view
        for row in 0..<Int(session.length) {
            if row > 0 {
                timeMs += Int64(random.pause(shortest: Self.pauseShortestMs, doublings: Self.pauseDoublings))
                type = nextType(after: type, &random)
                if type == .view { item = nextItem(after: item, &random) }
            }
            clicks.append(SampleClick(timestampMs: timeMs, user: session.user, item: UInt32(item), type: type))
        }
        squeeze(&clicks, from: first)
    }

    /// A session that would run past the log's end is compressed before it, which keeps it after its slice's start.
    private func squeeze(_ clicks: inout [SampleClick], from first: Int) {
        let startMs = clicks[first].timestampMs
        let roomMs = parameters.endMs - 1 - startMs
        let takenMs = (clicks.last?.timestampMs ?? startMs) - startMs
        guard takenMs > roomMs else { return }
        for index in first..<clicks.count {
            let click = clicks[index]
            let offsetMs = (click.timestampMs - startMs) * roomMs / takenMs
            clicks[index] = SampleClick(
                timestampMs: startMs + offsetMs, user: click.user, item: click.item, type: click.type)
        }
    }

    /// A user's tastes are drawn anew from the seed each time rather than kept: they are needed once a session.
    private func startItem(user: Int, _ random: inout SampleRandom) -> Int {
        guard random.chance(Self.favouriteChance) else { return catalogue.anyItem(&random) }
        var taste = SampleRandom(seed: parameters.seed, .taste, user, random.below(Self.favouritesMax))
        return catalogue.neighbour(of: catalogue.anyItem(&taste), &random)
    }

    private func nextType(after type: SampleClickType, _ random: inout SampleRandom) -> SampleClickType {
        switch type {
        case .view: random.chance(conversion.cart) ? .addtocart : .view
        case .addtocart: random.chance(conversion.purchase) ? .transaction : .view
        case .transaction: .view
        }
    }

    private func nextItem(after item: Int, _ random: inout SampleRandom) -> Int {
        var draw = random.unit()
        if draw < Self.successorChance { return catalogue.follower(of: item, &random) ?? item }
        draw -= Self.successorChance
        if draw < Self.repeatChance { return item }
        draw -= Self.repeatChance
        if draw < Self.categoryChance { return catalogue.neighbour(of: item, &random) }
        return catalogue.anyItem(&random)
    }
}
