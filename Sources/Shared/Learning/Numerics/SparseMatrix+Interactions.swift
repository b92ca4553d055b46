// From events to cells: which events count, for how much, and how several of one user with one item become one value.

import Glibc

/// What a cell of users by items is made of.
package struct InteractionWeighting: Hashable, Sendable {
    /// How the summed weights of a user's events with an item become the cell's value.
    package enum Aggregation: Hashable, Sendable {
        /// The sum itself.
        case sum
        /// ln(1 + sum): the tenth view says less than the first.
        case logarithm
        /// The sum, but at most this.
        case capped(Double)
        /// The largest single weight: with age counting, what the last event leaves.
        case largest
    }

    /// Events of these times count, Unix ms.
    package var timesMs: Range<Int64> = .min..<Int64.max
    /// Weight by type index; nil for the table's own. Events of weight zero or less are left out.
    package var typeWeights: [Double]?
    /// The age that halves a weight, in milliseconds; nil if age does not matter.
    package var halfLifeMs: Double?
    /// From when age counts, Unix ms; nil for the end of `timesMs`, or the newest event if that is earlier. Younger
    /// events weigh the same as those of this time.
    package var referenceMs: Int64?
    package var aggregation: Aggregation = .sum

    package init() {}

    func value(ofSum sum: Double, largest: Double) -> Float {
        switch aggregation {
        case .sum: Float(sum)
        case .logarithm: Float(log1p(sum))
        case .capped(let most): Float(min(sum, most))
        case .largest: Float(largest)
        }
    }
}

extension SparseMatrix {
    /// Users by items, from all interactions: a row for each of the table's users, even if none of their events counts.
    package init(_ table: InteractionTable, weighting: InteractionWeighting = InteractionWeighting()) {
        let weights = weighting.typeWeights ?? table.typeWeights
        precondition(weights.count == table.typeWeights.count, "there must be a weight for each type of event")
        precondition(weighting.halfLifeMs ?? 1 > 0, "a half-life is more than nothing")
        let referenceMs = weighting.referenceMs ?? min(weighting.timesMs.upperBound, table.newestMs ?? 0)
        var starts: [Int] = [0]
        var columns: [UInt32] = []
        var values: [Float] = []
        starts.reserveCapacity(table.users.count + 1)
        columns.reserveCapacity(table.count)
        values.reserveCapacity(table.count)
        var events: [(item: UInt32, weight: Double)] = []
        for user in 0..<table.users.count {
            events.removeAll(keepingCapacity: true)
            for row in table.rows(ofUser: user) where weighting.timesMs.contains(table.timesMs[row]) {
                var weight = weights[Int(table.types[row])]
                guard weight > 0 else { continue }
                if let halfLifeMs = weighting.halfLifeMs {
                    let ageMs = Double(referenceMs) - Double(table.timesMs[row])
                    weight *= exp2(-max(ageMs, 0) / halfLifeMs)
                }
                events.append((table.items[row], weight))
            }
            // By weight too: so that the sum does not depend on how a sort treats equals.
            if events.count > 1 { events.sort { ($0.item, $0.weight) < ($1.item, $1.weight) } }
            var first = 0
            while first < events.count {
                let item = events[first].item
                var sum = 0.0
                var largest = 0.0
                while first < events.count, events[first].item == item {
                    sum += events[first].weight
                    largest = max(largest, events[first].weight)
                    first += 1
                }
                // Old enough events weigh less than a float can say.
                let value = weighting.value(ofSum: sum, largest: largest)
                guard value > 0 else { continue }
                columns.append(item)
                values.append(value)
            }
            starts.append(columns.count)
        }
        self.init(
            rowCount: table.users.count, columnCount: table.itemCount, starts: starts, columns: columns, values: values)
    }
}
