// The invented shop: a category forest, items in its leaves, how popular each item is, and which items follow it.
// The successors are the pattern that a recommender is expected to find in the log.

/// Everything about items that does not change with time. Items and categories are indexes; their names count from 1.
struct SampleCatalogue {
    /// How many items each item leads to, if there are that many.
    static let successorsMax = 5
    /// Places of the successors in a draw from 100: the first is taken eight times as often as the last.
    private static let successorShares = [40, 65, 82, 94, 100]
    /// RetailRocket's forest has 1,669 categories, 25 roots and six levels.
    private static let categoriesMax = 1_669
    private static let rootsMax = 25
    private static let levelsMax = 6

    /// How far in popularity an item's successors lie from it: near, so that they do not all end at the best seller.
    private static let successorReach = 8

    /// The parent of each category; -1 for a root.
    let parents: [Int]
    /// Categories without children, the only ones that hold items.
    let leaves: [Int]
    /// Items from the most to the least popular.
    let byPopularity: [UInt32]
    /// The place in `leaves` of each item's category.
    let leafOfItem: [UInt16]
    private let successors: [UInt32]
    private let successorCount: Int
    private let shelves: SampleShelves
    private let popularity: WeightedPlaces

    init(parameters: SampleDataParameters) {
        var random = SampleRandom(seed: parameters.seed, .catalogue)
        let items = parameters.items
        parents = Self.forest(items: items, &random)
        let hasChild = Set(parents)
        leaves = parents.indices.filter { !hasChild.contains($0) }
        byPopularity = Self.shuffled(items, &random)
        popularity = WeightedPlaces(weights: PopularityLaw.weights(count: items))

        let leafSizes = WeightedPlaces(weights: PopularityLaw.weights(count: leaves.count))
        var leafOfItem = [UInt16](repeating: 0, count: items)
        for item in leafOfItem.indices { leafOfItem[item] = UInt16(leafSizes.draw(in: leaves.indices, &random)) }
        self.leafOfItem = leafOfItem
        shelves = SampleShelves(byPopularity: byPopularity, leafOfItem: leafOfItem, leaves: leaves.count)
        successorCount = min(Self.successorsMax, items - 1)
        successors = Self.planted(
            shelves: shelves, byPopularity: byPopularity, leafOfItem: leafOfItem, count: successorCount, &random)
    }

    /// The items that follow `item`, most frequent first.
    func successors(of item: Int) -> ArraySlice<UInt32> {
        successors[item * successorCount..<(item + 1) * successorCount]
    }

    /// An item that follows `item`; nil if it is the only one.
    func follower(of item: Int, _ random: inout SampleRandom) -> Int? {
        guard successorCount > 0 else { return nil }
        let draw = random.below(Self.successorShares[successorCount - 1])
        let place = Self.successorShares.firstIndex { draw < $0 } ?? 0
        return Int(successors[item * successorCount + place])
    }

    /// An item from anywhere, by popularity.
    func anyItem(_ random: inout SampleRandom) -> Int {
        Int(byPopularity[popularity.draw(in: byPopularity.indices, &random)])
    }

    /// An item of the same leaf as `item`, by popularity within it.
    func neighbour(of item: Int, _ random: inout SampleRandom) -> Int {
        shelves.item(inLeaf: Int(leafOfItem[item]), &random)
    }

    /// A forest whose inner categories have few children: each picks a parent among the earlier half.
    private static func forest(items: Int, _ random: inout SampleRandom) -> [Int] {
        let categories = min(categoriesMax, max(3, items / 15))
        let roots = min(rootsMax, max(1, categories / 8))
        var parents = [Int](repeating: -1, count: categories)
        var levels = [Int](repeating: 1, count: categories)
        for category in roots..<categories {
            var parent = random.below(max(roots, category / 2))
            while levels[parent] == levelsMax { parent = parents[parent] }
            parents[category] = parent
            levels[category] = levels[parent] + 1
        }
        return parents
    }

    private static func shuffled(_ count: Int, _ random: inout SampleRandom) -> [UInt32] {
        var order = (0..<UInt32(count)).map { $0 }
        for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, random.below(last + 1)) }
        return order
    }

    /// Draws each item's successors: all but the last from its own leaf, the last from anywhere, no item twice.
    private static func planted(
        shelves: SampleShelves, byPopularity: [UInt32], leafOfItem: [UInt16], count: Int, _ random: inout SampleRandom
    ) -> [UInt32] {
        let attemptsMax = 20
        var successors = [UInt32](repeating: 0, count: byPopularity.count * count)
        for (rank, item) in byPopularity.enumerated() {
            let shelf = shelves.items(inLeaf: Int(leafOfItem[Int(item)]))
            let onShelf = shelves.place(of: Int(item))
            var chosen: [UInt32] = []
            for successor in 0..<count {
                var attempts = successor == count - 1 ? attemptsMax / 2 : 0
                var next = item
                while next == item || chosen.contains(next) {
                    attempts += 1
                    // A leaf may be too small for this many, and so may the shop's part of like popularity.
                    if attempts < attemptsMax / 2 {
                        next = shelf[near(onShelf, reach: successorReach, in: shelf.indices, &random)]
                    } else if attempts < attemptsMax {
                        let reach = successorReach + rank / 4
                        next = byPopularity[near(rank, reach: reach, in: byPopularity.indices, &random)]
                    } else {
                        next = (next + 1) % UInt32(byPopularity.count)
                    }
                }
                chosen.append(next)
                successors[Int(item) * count + successor] = next
            }
        }
        return successors
    }

    private static func near(_ place: Int, reach: Int, in range: Range<Int>, _ random: inout SampleRandom) -> Int {
        let first = max(range.lowerBound, place - reach)
        let last = min(range.upperBound - 1, place + reach)
        return first + random.below(last - first + 1)
    }
}

/// Items sorted by leaf and, within a leaf, by popularity.
struct SampleShelves {
    private let items: [UInt32]
    private let places: [UInt32]
    private let starts: [Int]
    private let popularity: WeightedPlaces

    init(byPopularity: [UInt32], leafOfItem: [UInt16], leaves: Int) {
        var starts = [Int](repeating: 0, count: leaves + 1)
        for leaf in leafOfItem { starts[Int(leaf) + 1] += 1 }
        for leaf in 1...leaves { starts[leaf] += starts[leaf - 1] }
        self.starts = starts
        var items = [UInt32](repeating: 0, count: byPopularity.count)
        var places = items
        var weights = [Double](repeating: 0, count: byPopularity.count)
        for (item, weight) in zip(byPopularity, PopularityLaw.weights(count: byPopularity.count)) {
            let leaf = Int(leafOfItem[Int(item)])
            items[starts[leaf]] = item
            places[Int(item)] = UInt32(starts[leaf])
            weights[starts[leaf]] = weight
            starts[leaf] += 1
        }
        self.items = items
        self.places = places
        popularity = WeightedPlaces(weights: weights)
    }

    /// A leaf's items, the most popular first, indexed by their place among all shelves.
    func items(inLeaf leaf: Int) -> ArraySlice<UInt32> { items[starts[leaf]..<starts[leaf + 1]] }

    /// Where an item stands among all shelves.
    func place(of item: Int) -> Int { Int(places[item]) }

    /// An item of a leaf that has any, by popularity.
    func item(inLeaf leaf: Int, _ random: inout SampleRandom) -> Int {
        Int(items[popularity.draw(in: starts[leaf]..<starts[leaf + 1], &random)])
    }
}
