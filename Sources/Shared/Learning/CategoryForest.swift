// How categories nest. What comes in may be anything; what stands here is a forest: every way up ends at a root.

/// Categories and their parents. Categories are indexes; an item may name one that the tree does not list, which is a
/// root.
package struct CategoryForest: Sendable {
    /// The categories' names.
    package let categories: IdentifierTable
    /// Categories whose parent the tree does not list; they became roots.
    package let orphans: Int
    /// Links that closed a circle; the category where each was found became a root.
    package let cycles: Int

    private let parents: [Int32]

    init(categories: IdentifierTable, listedParents: [Int32?]) {
        self.categories = categories
        var parents = [Int32](repeating: Self.none, count: categories.count)
        var orphans = 0
        for (category, parent) in listedParents.enumerated() {
            guard let parent, parent != Self.none else { continue }
            if Int(parent) < listedParents.count, listedParents[Int(parent)] != nil {
                parents[category] = parent
            } else {
                orphans += 1
            }
        }
        self.orphans = orphans
        cycles = Self.cutCycles(&parents)
        self.parents = parents
    }

    /// The parent of a root.
    static let none: Int32 = -1

    /// A category and those above it, from leaf to root.
    func path(from category: Int) -> [Int] {
        var path: [Int] = []
        var current = Int32(category)
        while current != Self.none {
            path.append(Int(current))
            current = parents[Int(current)]
        }
        return path
    }

    /// Walks up from each category in turn, leaving its number behind; meeting the own number again closes a circle.
    private static func cutCycles(_ parents: inout [Int32]) -> Int {
        var visitedFrom = [Int32](repeating: none, count: parents.count)
        var cycles = 0
        for start in parents.indices {
            var current = Int32(start)
            while visitedFrom[Int(current)] == none {
                visitedFrom[Int(current)] = Int32(start)
                let parent = parents[Int(current)]
                if parent == none { break }
                if visitedFrom[Int(parent)] == Int32(start) {
                    parents[Int(current)] = none
                    cycles += 1
                    break
                }
                current = parent
            }
        }
        return cycles
    }
}
