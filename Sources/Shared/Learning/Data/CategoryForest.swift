// How categories nest. What comes in may be anything; what stands here is a forest: every way up ends at a root.

/// Categories and their parents. Categories are indexes; an item may name one that the tree does not list, which is a
/// root.
package struct CategoryForest: Sendable {
    /// How many examples are kept of each thing that is wrong.
    package static let examplesMax = 5

    /// The categories' names.
    package let categories: IdentifierTable
    /// Categories whose parent the tree does not list; they became roots.
    package let orphans: Int
    /// The first few of them.
    package let orphanExamples: [Int]
    /// Links that closed a circle; the category where each was found became a root.
    package let cycles: Int
    /// The first few of those categories.
    package let cycleExamples: [Int]
    /// How many categories the tree lists; 0 if there is no tree.
    package let listedCount: Int

    private let isListedByCategory: [Bool]
    private let parents: [Int32]
    private let roots: [Int32]
    private let depths: [Int32]

    init(categories: IdentifierTable, listedParents: [Int32?]) {
        self.categories = categories
        isListedByCategory = listedParents.map { $0 != nil }
        listedCount = isListedByCategory.count { $0 }
        var parents = [Int32](repeating: Self.none, count: categories.count)
        var orphans: [Int] = []
        for (category, parent) in listedParents.enumerated() {
            guard let parent, parent != Self.none else { continue }
            if Int(parent) < listedParents.count, listedParents[Int(parent)] != nil {
                parents[category] = parent
            } else {
                orphans.append(category)
            }
        }
        self.orphans = orphans.count
        orphanExamples = Array(orphans.prefix(Self.examplesMax))
        let cuts = Self.cutCycles(&parents)
        cycles = cuts.count
        cycleExamples = Array(cuts.prefix(Self.examplesMax))
        self.parents = parents
        (roots, depths) = Self.places(parents)
    }

    /// The parent of a root.
    static let none: Int32 = -1

    /// Whether the tree lists the category, rather than an item only.
    package func isListed(_ category: Int) -> Bool { isListedByCategory[category] }

    /// The category above; nil for a root.
    package func parent(of category: Int) -> Int? {
        parents[category] == Self.none ? nil : Int(parents[category])
    }

    /// The category at the top of the way up; a root's is itself.
    package func root(of category: Int) -> Int { Int(roots[category]) }

    /// How many categories stand above; a root's is 0.
    package func depth(of category: Int) -> Int { Int(depths[category]) }

    /// A category and those above it, from leaf to root.
    package func path(from category: Int) -> [Int] {
        var path: [Int] = []
        var current = Int32(category)
        while current != Self.none {
            path.append(Int(current))
            current = parents[Int(current)]
        }
        return path
    }

    /// Walks up from each category in turn, leaving its number behind; meeting the own number again closes a circle,
    /// which is cut where it was met.
    private static func cutCycles(_ parents: inout [Int32]) -> [Int] {
        var visitedFrom = [Int32](repeating: none, count: parents.count)
        var cuts: [Int] = []
        for start in parents.indices {
            var current = Int32(start)
            while visitedFrom[Int(current)] == none {
                visitedFrom[Int(current)] = Int32(start)
                let parent = parents[Int(current)]
                if parent == none { break }
                if visitedFrom[Int(parent)] == Int32(start) {
                    parents[Int(current)] = none
                    cuts.append(Int(current))
                    break
                }
                current = parent
            }
        }
        return cuts
    }

    /// Each category's root and depth: a way up is walked until it meets a category whose place is known, and then down
    /// again, so that a chain of any length costs its length once.
    private static func places(_ parents: [Int32]) -> (roots: [Int32], depths: [Int32]) {
        var roots = [Int32](repeating: none, count: parents.count)
        var depths = [Int32](repeating: 0, count: parents.count)
        var way: [Int32] = []
        for start in parents.indices {
            var current = Int32(start)
            while current != none, roots[Int(current)] == none {
                way.append(current)
                current = parents[Int(current)]
            }
            while let category = way.popLast() {
                roots[Int(category)] = current == none ? category : roots[Int(current)]
                depths[Int(category)] = current == none ? 0 : depths[Int(current)] + 1
                current = category
            }
        }
        return (roots, depths)
    }
}
