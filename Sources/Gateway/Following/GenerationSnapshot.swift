// One generation as requests see it. A request takes a snapshot once and is answered from it alone, so no answer can mix
// two generations, whatever is activated meanwhile.

import HTTPTypes
import Models
import Synchronization

/// A generation's number, and what of it is kept in process memory: the last rung of the ladder.
final class GenerationSnapshot: Sendable {
    /// How many categories' popular lists are kept; further ones are read from Redis each time.
    static let categoryCountMax = 1024

    /// The generation's number.
    let generation: Int
    /// Popular items of the whole catalogue, best first.
    let popular: [ScoredItem]
    /// The header that names the generation, made once.
    let header: HTTPField

    private let categories = Mutex<[String: [ScoredItem]]>([:])

    init(generation: Int, popular: [ScoredItem]) {
        self.generation = generation
        self.popular = popular
        header = HTTPField(name: .generation, value: String(generation))
    }

    /// A category's popular items, if they have been read before. A generation never changes, so neither do they.
    func popular(of category: String) -> [ScoredItem]? { categories.withLock { $0[category] } }

    /// Keeps a category's popular items.
    func keep(_ items: [ScoredItem], of category: String) {
        categories.withLock { lists in
            if lists.count < Self.categoryCountMax { lists[category] = items }
        }
    }
}
