// What a list is worth to the user that it was made for. With hits h(1)...h(k) in {0, 1}, k the length and T the targets:
//
//     NDCG      = sum h(p) / log2(p + 1)  /  sum over p = 1...min(k, |T|) of 1 / log2(p + 1)     (Järvelin, Kekäläinen 2002)
//     recall    = sum h(p) / |T|
//     capped    = sum h(p) / min(k, |T|): recall that can reach 1
//     precision = sum h(p) / k, also for a list that is shorter
//     MAP       = sum over hits of precision at their place  /  min(k, |T|)
//     hit rate  = 1 if there is a hit

import Glibc

/// The measures of one list.
package enum ListMetric: String, Codable, CaseIterable, Sendable {
    case ndcg, recall, capped, precision, map
    case hitRate = "hit_rate"

    /// All measures of a list, in the order of `allCases`.
    ///
    /// - Parameters:
    ///   - list: Items, best first; no more than `length` count.
    ///   - targets: What counts as right, ascending, at least one.
    static func values(_ list: [UInt32], targets: [UInt32], length: Int) -> [Float] {
        var gain = 0.0
        var hits = 0
        var precisions = 0.0
        for (place, item) in list.prefix(length).enumerated() where targets.containsSorted(item) {
            hits += 1
            gain += 1 / log2(Double(place) + 2)
            precisions += Double(hits) / Double(place + 1)
        }
        let reachable = min(length, targets.count)
        let ideal = (0..<reachable).reduce(0) { $0 + 1 / log2(Double($1) + 2) }
        return allCases.map { metric in
            switch metric {
            case .ndcg: Float(gain / ideal)
            case .recall: Float(hits) / Float(targets.count)
            case .capped: Float(hits) / Float(reachable)
            case .precision: Float(hits) / Float(length)
            case .map: Float(precisions / Double(reachable))
            case .hitRate: hits > 0 ? 1 : 0
            }
        }
    }
}

extension [UInt32] {
    /// Whether an ascending array holds a value.
    func containsSorted(_ value: UInt32) -> Bool {
        var range = startIndex..<endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if self[middle] == value { return true }
            range = self[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }
}
