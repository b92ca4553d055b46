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
        /// What was touched, newest first; empty if it could not be read.
        var touches: [OnlineEntry]
        /// The same, the latest ones with similar items of the answer's generation; nil if these could not be read.
        var online: [OnlineEntry]?
        /// Nil if it could not be read.
        var offline: [ScoredItem]?
        var isStale = false
    }

    let lists: GenerationLists
    let reader: StateReader
    let hidden: HiddenItems
    let statistics: GatewayStatistics
    let rules: Rules
    /// Nil unless in test mode.
    var journal: AnswerJournal?

    /// Recommendations for a user.
    func answer(
        for user: UserID, _ options: AnswerOptions, freshness: Freshness? = nil, from generation: GenerationSnapshot,
        trace: RequestTrace?
    ) async throws(Problem) -> Answer {
        let (state, isStale) = await reader.read(
            user, generation: generation.generation, itemsLatest: options.itemsLatest, freshness: freshness,
            trace: trace)
        let touches = state?.online ?? []
        var online = state?.online
        let foreign = touches.indices.prefix(options.itemsLatest).filter { index in
            touches[index].generation != generation.generation
        }
        if !foreign.isEmpty {
            let mark = trace.mark
            online = await derived(touches, at: foreign, generation.generation)
            trace.add(.redis, since: mark)
            statistics.countRefetched(foreign.count)
        }
        let sides = Sides(user: user, touches: touches, online: online, offline: state?.offline, isStale: isStale)
        return try await answer(sides, options, generation, trace)
    }

    /// Recommendations for an anonymous session, touches newest first. There is no offline side to fall short of.
    func answer(
        forSession touches: [OnlineEntry], _ options: AnswerOptions, from generation: GenerationSnapshot,
        trace: RequestTrace?
    ) async throws(Problem) -> Answer {
        let latest = Array(touches.indices.prefix(options.itemsLatest))
        let mark = trace.mark
        let online = await derived(touches, at: latest, generation.generation)
        trace.add(.redis, since: mark)
        let sides = Sides(user: nil, touches: touches, online: online, offline: online.map { _ in [] })
        return try await answer(sides, options, generation, trace)
    }

    private func answer(
        _ sides: Sides, _ options: AnswerOptions, _ generation: GenerationSnapshot, _ trace: RequestTrace?
    ) async throws(Problem) -> Answer {
        var rung = Rung(isOnlineRead: sides.online != nil, isOfflineRead: sides.offline != nil)
        let order = OnlineOrder(itemsLatest: options.itemsLatest, types: rules.types, halfLifeMs: rules.halfLifeMs)
        var input = BlendInput(
            online: sides.online.map(order.candidates) ?? [], offline: sides.offline ?? [], popular: generation.popular,
            excluded: ItemSet(capacity: sides.touches.count + options.excluded.count))
        for item in options.excluded { input.excluded.insert(item) }
        if rules.excludesTouched {
            for touch in sides.touches { input.excluded.insert(touch.item) }
        }
        if let category = options.category {
            let mark = trace.mark
            if try await !narrow(&input, to: category, generation) { rung = .popular }
            trace.add(.redis, since: mark)
        }
        let mark = trace.mark
        excludeHidden(from: &input, count: options.count)

        if !options.isFilledUp { input.popular = [] }
        let blend = options.isFilledUp ? options.blend.possible(on: rung) : options.blend
        let places = blend.places(options.count, from: input)
        let answer = Answer(
            user: sides.user, generation: generation, blend: options.blend, rung: rung,
            onlineAsOf: sides.user == nil ? nil : sides.touches.lazy.map(\.id).max(), isStale: sides.isStale,
            places: places,
            explanation: options.isExplained
                ? Explanation(
                    touches: sides.touches, touchesUsed: sides.online == nil ? 0 : options.itemsLatest,
                    dropped: blend.dropped(from: input, places: places)) : nil)
        statistics.count(answer, wanted: options.isFilledUp ? options.count : nil)
        trace.add(.blend, since: mark)
        journal?.note(
            answer, touches: sides.online ?? sides.touches,
            touchesUsed: sides.online == nil ? 0 : options.itemsLatest, offline: sides.offline)
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
