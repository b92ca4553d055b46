// Trees laid out for QuickScorer (Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive
// ensembles of regression trees", SIGIR 2015). The leaves of a tree are the bits of a word, the leftmost the lowest. A
// decision that sends a row to the right clears the bits of all leaves to its left; all decisions are asked, in any order,
// and the lowest bit left is the leaf. So a row never waits for the decision before, and sixteen rows go side by side.

import CKernels

/// Trees, cut into pieces of at most 32 leaves.
struct TreePieces: Sendable {
    private(set) var pieces: [kernels_tree_piece] = []
    private(set) var nodes: [kernels_tree_node] = []
    private(set) var leaves: [Float] = []

    private static let leavesMax = 32

    /// A decision above a piece, and the side of it that the piece is on.
    private struct Turn {
        let node: Int
        let isRight: Bool
    }

    /// Adds a tree behind the others.
    mutating func append(_ tree: BoostedTree) {
        cut(tree, at: 0, path: [])
    }

    /// A tree with too many leaves is cut into subtrees, each with the decisions that lead to it, and with one more leaf:
    /// who does not come by gets nothing there.
    private mutating func cut(_ tree: BoostedTree, at node: Int, path: [Turn]) {
        let isWhole = path.isEmpty
        if tree.leafCount(below: node) <= Self.leavesMax - (isWhole ? 0 : 1) {
            append(tree, at: node, path: path)
        } else {
            cut(tree, at: tree.left[node], path: path + [Turn(node: node, isRight: false)])
            cut(tree, at: tree.right[node], path: path + [Turn(node: node, isRight: true)])
        }
    }

    private mutating func append(_ tree: BoostedTree, at root: Int, path: [Turn]) {
        // By kind of decision, so that the kernel asks each kind in a loop of its own.
        var decisions = [[kernels_tree_node]](repeating: [], count: 4)
        let firstLeaf = leaves.count
        func add(_ node: Int, mask: UInt32, whenRight: Bool) {
            let kind = (whenRight ? 0 : 2) + (tree.isMissingLeft[node] ? 0 : 1)
            decisions[kind].append(
                kernels_tree_node(column: UInt32(tree.column[node]), threshold: tree.value[node], mask: mask))
        }
        func walk(_ node: Int) {
            guard !tree.isLeaf(node) else { return leaves.append(tree.value[node]) }
            let first = leaves.count - firstLeaf
            walk(tree.left[node])
            let end = leaves.count - firstLeaf
            add(node, mask: ~((1 << UInt32(end)) &- (1 << UInt32(first))), whenRight: true)
            walk(tree.right[node])
        }
        walk(root)
        leaves.append(contentsOf: repeatElement(0, count: Self.leavesMax - (leaves.count - firstLeaf)))
        for turn in path { add(turn.node, mask: 1 << 31, whenRight: !turn.isRight) }

        var piece = kernels_tree_piece()
        piece.first_node = UInt32(nodes.count)
        var ends: [UInt32] = []
        for kind in decisions {
            nodes.append(contentsOf: kind)
            ends.append(UInt32(nodes.count))
        }
        piece.ends = (ends[0], ends[1], ends[2], ends[3])
        pieces.append(piece)
    }
}
