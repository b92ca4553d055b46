// What may not stand in an answer beyond what its user touched and its request names: items of other categories, and
// hidden ones. Both go into the set of excluded items, so the places of a list keep their numbers.

import Models
import Ranking
import Stores
import WebService

extension Recommender {
    /// Leaves only items of a category, with the category's own popular items to fill up. False if the catalogue could
    /// not be asked: then only the popular items are left.
    /// - Throws: ``Problem`` 503 if these cannot be had either.
    func narrow(
        _ input: inout BlendInput, to category: String, _ generation: GenerationSnapshot
    ) async throws(Problem) -> Bool {
        var candidates: Set<ItemID> = []
        for candidate in input.online { candidates.insert(candidate.item) }
        for candidate in input.offline { candidates.insert(candidate.item) }
        let items = candidates.filter { !input.excluded.contains($0) }.map(\.self)
        async let catalogue = lists.catalogue(
            items, generation: generation.generation, deadlineMs: rules.deadlineMs)
        input.popular = try await popular(of: category, generation)
        guard let entries = try? await catalogue else {
            input.online = []
            input.offline = []
            return false
        }
        for (item, entry) in zip(items, entries) {
            guard let entry, entry.isAvailable, entry.categories.contains(category) else {
                input.excluded.insert(item)
                continue
            }
        }
        return true
    }

    /// The popular items of a category, of the whole catalogue if it is nil.
    /// - Throws: ``Problem`` 503 if Redis has to be asked and does not answer.
    func popular(of category: String?, _ generation: GenerationSnapshot) async throws(Problem) -> [ScoredItem] {
        guard let category else { return generation.popular }
        if let known = generation.popular(of: category) { return known }
        do {
            let items = try await lists.popular(
                generation: generation.generation, category: category, deadlineMs: rules.deadlineMs)
            generation.keep(items, of: category)
            return items
        } catch {
            throw .serviceUnavailable(
                "Redis is away and the popular items of category \(category) are not in memory yet; try again, or leave "
                    + "the category out", retryAfterSeconds: 1)
        }
    }

    /// Excludes the hidden items among those that the answer may look at. Usually a few of thousands, so they are looked
    /// up by candidate instead of copied into every request's set.
    func excludeHidden(from input: inout BlendInput, count: Int) {
        guard let hidden = hidden.items, !hidden.isEmpty else { return }
        for candidate in input.online where hidden.contains(candidate.item) { input.excluded.insert(candidate.item) }
        for candidate in input.offline where hidden.contains(candidate.item) { input.excluded.insert(candidate.item) }
        // At most so many popular items are looked at before the answer is full, beside hidden ones.
        var needed = count + input.excluded.count
        for scored in input.popular where needed > 0 {
            if hidden.contains(scored.item) { input.excluded.insert(scored.item) } else { needed -= 1 }
        }
    }
}
