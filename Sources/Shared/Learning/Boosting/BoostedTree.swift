// One tree as XGBoost keeps it: arrays by node, the root first.

/// A regression tree over columns of a table.
struct BoostedTree: Sendable {
    /// By node: the child for a row whose value is less than the node's; -1 for a leaf.
    let left: [Int]
    let right: [Int]
    /// By node: which column is asked.
    let column: [Int]
    /// By node: what a value is compared with, or the leaf's score.
    let value: [Float]
    /// By node: whether a row without a value goes to the left.
    let isMissingLeft: [Bool]

    /// Reads a tree of a model. `columns` says where the model's columns stand in the table that will be asked.
    /// - Throws: ``BoostingError`` for a tree that is none, that decides by categories, or that asks other columns.
    init(_ tree: UniversalBinaryJSON, columns: [Int]) throws(BoostingError) {
        left = try tree.integers("left_children")
        right = try tree.integers("right_children")
        value = try tree.floats("split_conditions")
        isMissingLeft = try tree.integers("default_left").map { $0 != 0 }
        let asked = try tree.integers("split_indices")
        let count = left.count
        guard count > 0, right.count == count, value.count == count, isMissingLeft.count == count, asked.count == count
        else { throw BoostingError(reason: "a tree's arrays differ in length") }
        guard try tree.integers("split_type").allSatisfy({ $0 == 0 }) else {
            throw BoostingError(reason: "a tree decides by categories, which this program does not know")
        }
        var column: [Int] = []
        for node in 0..<count {
            guard left[node] >= 0 else {
                column.append(0)
                continue
            }
            guard asked[node] >= 0, asked[node] < columns.count else {
                throw BoostingError(reason: "a tree asks column \(asked[node]) of \(columns.count)")
            }
            column.append(columns[asked[node]])
        }
        self.column = column
        try checkShape()
    }

    /// Whether a node has no children.
    func isLeaf(_ node: Int) -> Bool { left[node] < 0 }

    /// How many leaves can be reached from a node.
    func leafCount(below node: Int) -> Int {
        isLeaf(node) ? 1 : leafCount(below: left[node]) + leafCount(below: right[node])
    }

    /// Every node but the root must be the child of one other at most, and none too deep: otherwise walking down might
    /// not end.
    private func checkShape() throws(BoostingError) {
        var isSeen = [Bool](repeating: false, count: left.count)
        var level = [0]
        var depth = 0
        while !level.isEmpty {
            var next: [Int] = []
            for node in level {
                guard node >= 0, node < left.count, !isSeen[node], depth <= Self.depthMax else {
                    throw BoostingError(reason: "a tree is none")
                }
                isSeen[node] = true
                if !isLeaf(node) { next += [left[node], right[node]] }
            }
            level = next
            depth += 1
        }
    }

    /// Deeper trees are not grown by anybody.
    private static let depthMax = 64
}
