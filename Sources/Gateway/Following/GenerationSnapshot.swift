// One generation as requests see it. A request takes a snapshot once and is answered from it alone, so no answer can mix
// two generations, whatever is activated meanwhile.

import HTTPTypes
import Models
import Synchronization

/// What tells generations apart: their number, and when they were loaded, since a Redis that lost its data counts anew.
struct GenerationIdentity: Equatable, Sendable {
    let generation: Int
    let loadedAtMs: String?
}

/// A generation's number, and what of it is kept in process memory: the last rung of the ladder.
final class GenerationSnapshot: Sendable {
    /// How many categories' popular lists are kept; further ones are read from Redis each time.
    static let categoryCountMax = 1024

    /// Which generation this is.
    let identity: GenerationIdentity
    /// Popular items of the whole catalogue, best first.
    let popular: [ScoredItem]
    /// The header that names the generation, made once.
    let header: HTTPField

    private let categories = Mutex<[String: [ScoredItem]]>([:])

    init(_ identity: GenerationIdentity, popular: [ScoredItem]) {
        self.identity = identity
        self.popular = popular
        header = HTTPField(name: .generation, value: String(identity.generation))
    }

    /// The generation's number.
    var generation: Int { identity.generation }

    /// A category's popular items, if they have been read before. A generation never changes, so neither do they.
    func popular(of category: String) -> [ScoredItem]? { categories.withLock { $0[category] } }

    /// Keeps a category's popular items.
    func keep(_ items: [ScoredItem], of category: String) {
        categories.withLock { lists in
            if lists.count < Self.categoryCountMax { lists[category] = items }
        }
    }
}
