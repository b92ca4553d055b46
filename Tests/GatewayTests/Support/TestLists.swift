// The lists of a generation, as short as a test can write them.

import Models
import Stores

/// Lists by name; scores fall from 1 with the place.
struct TestLists: Sendable {
    var release = "r1"
    var offline: [String: [String]] = [:]
    var similar: [String: [String]] = [:]
    var popular: [String] = []
    /// Popular items by category.
    var categories: [String: [String]] = [:]
    /// Categories of items, leaf first.
    var items: [String: [String]] = [:]

    /// The lists in the form that the writer takes.
    func all() throws -> [GenerationList] {
        var lists: [GenerationList] = [.popular(category: nil, try Self.scored(popular))]
        for (user, items) in offline { lists.append(.offline(try userID(user), try Self.scored(items))) }
        for (item, items) in similar { lists.append(.similar(try itemID(item), try Self.scored(items))) }
        for (category, items) in categories {
            lists.append(.popular(category: category, try Self.scored(items)))
        }
        for (item, categories) in items {
            lists.append(.item(try itemID(item), CatalogueItem(isAvailable: true, categories: categories)))
        }
        return lists
    }

    static func scored(_ items: [String]) throws -> [ScoredItem] {
        try items.enumerated().map { place, item in
            ScoredItem(item: try itemID(item), score: 1 - Float(place) * 0.0005)
        }
    }

    /// Names with a prefix and a number from 1.
    static func names(_ prefix: String, _ count: Int) -> [String] {
        count > 0 ? (1...count).map { "\(prefix)\($0)" } : []
    }
}
