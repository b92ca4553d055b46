// From a request to an answer. Everything that is read comes first, in one round trip in the usual case; what follows is
// pure code. A side that cannot be read moves the answer down the ladder instead of failing it.

import Models
import Ranking
import Stores
import WebService

/// Makes answers.
struct Recommender: Sendable {
    /// What stays the same for all answers.
    struct Rules: Sendable {
        let types: EventTypes
        /// After how many milliseconds a touch counts half; nil if age does not matter.
        let halfLifeMs: Double?
        let excludesTouched: Bool
        /// How long one read from Redis may take.
        let deadlineMs: Int
    }

    /// What could be read for one answer.
    private struct Sides {
        var user: UserID?
        /// All touches, newest first; empty if they could not be read.
        var touches: [OnlineEntry]
        /// The latest of them, with similar items of the answer's generation; nil if there is no saying.
        var used: [OnlineEntry]?
        /// Nil if it could not be read.
        var offline: [ScoredItem]?
        var isStale = false
    }

    let lists: GenerationLists
    let reader: StateReader
    let hidden: HiddenItems
    let statistics: GatewayStatistics
    let rules: Rules

    /// Recommendations for a user.
    func answer(
        for user: UserID, _ options: AnswerOptions, freshness: Freshness? = nil, from generation: GenerationSnapshot
    ) async throws(Problem) -> Answer {
        let (state, isStale) = await reader.read(
            user, generation: generation.generation, itemsLatest: options.itemsLatest, freshness: freshness)
        var used = state?.online.map { Array($0.prefix(options.itemsLatest)) }
        if let touches = used {
            let foreign = touches.indices.filter { touches[$0].generation != generation.generation }
            if !foreign.isEmpty {
                used = await derived(touches, at: foreign, generation.generation)
                statistics.countRefetched(foreign.count)
            }
        }
        let sides = Sides(
            user: user, touches: state?.online ?? [], used: used, offline: state?.offline, isStale: isStale)
        return try await answer(sides, options, generation)
    }

    /// Recommendations for an anonymous session, touches newest first. There is no offline side to fall short of.
    func answer(
        forSession touches: [OnlineEntry], _ options: AnswerOptions, from generation: GenerationSnapshot
    ) async throws(Problem) -> Answer {
        let latest = Array(touches.prefix(options.itemsLatest))
        let used = await derived(latest, at: Array(latest.indices), generation.generation)
        let sides = Sides(user: nil, touches: touches, used: used, offline: used.map { _ in [] })
        return try await answer(sides, options, generation)
    }

    private func answer(
        _ sides: Sides, _ options: AnswerOptions, _ generation: GenerationSnapshot
    ) async throws(Problem) -> Answer {
        var rung = Rung(isOnlineRead: sides.used != nil, isOfflineRead: sides.offline != nil)
        let order = OnlineOrder(itemsLatest: options.itemsLatest, types: rules.types, halfLifeMs: rules.halfLifeMs)
        var input = BlendInput(
            online: sides.used.map(order.candidates) ?? [], offline: sides.offline ?? [], popular: generation.popular,
            excluded: Set(options.excluded))
        if rules.excludesTouched {
            for touch in sides.touches { input.excluded.insert(touch.item) }
        }
        if let category = options.category, try await !narrow(&input, to: category, generation) { rung = .popular }
        excludeHidden(from: &input, count: options.count)

        if !options.isFilledUp { input.popular = [] }
        let blend = options.isFilledUp ? options.blend.possible(on: rung) : options.blend
        let places = blend.places(options.count, from: input)
        let explanation = Explanation(
            touchesUsed: sides.used ?? [], touchesOlder: sides.touches.dropFirst(sides.used?.count ?? 0),
            dropped: options.isExplained ? blend.dropped(from: input, places: places) : [])
        let answer = Answer(
            user: sides.user, generation: generation, blend: options.blend, rung: rung,
            onlineAsOf: sides.user == nil ? nil : sides.touches.lazy.map(\.id).max(), isStale: sides.isStale,
            places: places, explanation: options.isExplained ? explanation : nil)
        statistics.count(answer)
        return answer
    }

    /// Touches with the similar items that this generation, and no other, knows for those at `indices`; one round trip.
    /// Nil if that fails.
    private func derived(_ touches: [OnlineEntry], at indices: [Int], _ generation: Int) async -> [OnlineEntry]? {
        let items = indices.map { touches[$0].item }
        guard
            let similar = try? await lists.similar(items, generation: generation, deadlineMs: rules.deadlineMs)
        else { return nil }
        var derived = touches
        for (index, list) in zip(indices, similar) {
            derived[index] = touches[index].rederived(generation: generation, similar: list)
        }
        return derived
    }
}

extension Blend {
    /// A blend of one side has nothing to offer when that side could not be read; the other side beats popular items.
    fileprivate func possible(on rung: Rung) -> Blend {
        switch (self, rung) {
        case (.online, .offline): .offline
        case (.offline, .online): .online
        default: self
        }
    }
}
