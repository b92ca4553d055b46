// What lists show, whoever they are for: how much of the catalogue, and how little known it is.

import Glibc

/// Measures of all lists together.
struct Novelty {
    /// By item, -log2 of the share of users who had touched it; for an item that nobody had, as if one had.
    private let bitsByItem: [Float]
    private let recommendableCount: Int

    init(_ sources: CandidateSources) {
        var users = [Int](repeating: 0, count: sources.isExcluded.count)
        for item in sources.seen.columns { users[Int(item)] += 1 }
        let seen = sources.seen
        let all = (0..<seen.rowCount).count { !seen.cells(ofRow: $0).isEmpty }
        bitsByItem = users.map { -log2(Float(max($0, 1)) / Float(max(all, 1))) }
        recommendableCount = sources.isExcluded.count { !$0 }
    }

    /// The share of what may be recommended that stands in any of the lists.
    func coverage(_ lists: [[UInt32]]) -> Double {
        Double(Set(lists.joined()).count) / Double(max(recommendableCount, 1))
    }

    /// Mean over all places of all lists, in bits; nil if there are none.
    func bits(_ lists: [[UInt32]]) -> Double? {
        let count = lists.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        return lists.joined().reduce(0.0) { $0 + Double(bitsByItem[Int($1)]) } / Double(count)
    }
}
