// What was said about each item and when, so that a question about a time is answered with what was known then and with
// nothing later. Only changes are kept: twelve bytes each, in two flat arrays.

/// For each item, the values of one property in the order of time.
package struct ChangeLists: Sendable {
    /// Where each item's changes start; one more entry than there are items.
    private let starts: [UInt32]
    private let timesMs: [Int64]
    private let values: [Int32]

    fileprivate init(starts: [UInt32], timesMs: [Int64], values: [Int32]) {
        self.starts = starts
        self.timesMs = timesMs
        self.values = values
    }

    /// How many changes there are, of all items.
    package var count: Int { values.count }

    /// The value that held at a time, Unix ms, a change of that very millisecond included; nil before the first.
    func value(of item: Int, atMs: Int64) -> Int32? {
        let first = Int(starts[item])
        var low = first
        var high = Int(starts[item + 1])
        while low < high {
            let middle = (low + high) / 2
            if timesMs[middle] <= atMs { low = middle + 1 } else { high = middle }
        }
        return low > first ? values[low - 1] : nil
    }

    /// The newest value; nil if there never was one.
    func latest(of item: Int) -> Int32? { starts[item] < starts[item + 1] ? values[Int(starts[item + 1]) - 1] : nil }

    /// An item's changes, the oldest first.
    func changes(of item: Int) -> some Sequence<(timestampMs: Int64, value: Int32)> {
        (Int(starts[item])..<Int(starts[item + 1])).lazy.map { (timesMs[$0], values[$0]) }
    }
}

/// Collects statements in any order: sixteen bytes each until the lists are built.
struct ChangeListsBuilder {
    private var items: [UInt32] = []
    private var timesMs: [Int64] = []
    private var values: [Int32] = []

    mutating func add(_ value: Int32, of item: UInt32, atMs: Int64) {
        items.append(item)
        timesMs.append(atMs)
        values.append(value)
    }

    /// Sorts, and keeps of one time the last statement, and of equal ones in a row the first. `newIndexes` renumbers the
    /// items and names them all.
    consuming func build(newIndexes: [UInt32]) -> ChangeLists {
        var ends = [UInt32](repeating: 0, count: newIndexes.count + 1)
        for item in items { ends[Int(newIndexes[Int(item)]) + 1] += 1 }
        for item in newIndexes.indices { ends[item + 1] += ends[item] }
        let rawStarts = ends
        var order = [UInt32](repeating: 0, count: items.count)
        for (row, item) in items.enumerated() {
            let place = Int(newIndexes[Int(item)])
            order[Int(ends[place])] = UInt32(row)
            ends[place] += 1
        }
        items = []
        var starts: [UInt32] = [0]
        starts.reserveCapacity(rawStarts.count)
        var keptTimesMs: [Int64] = []
        var keptValues: [Int32] = []
        for item in newIndexes.indices {
            let range = Int(rawStarts[item])..<Int(rawStarts[item + 1])
            // Rows of one time stay in the order of the files.
            if range.count > 1 {
                order[range].sort { (timesMs[Int($0)], $0) < (timesMs[Int($1)], $1) }
            }
            let first = keptValues.count
            for place in range {
                let row = Int(order[place])
                let isOverruled =
                    place + 1 < range.upperBound && timesMs[Int(order[place + 1])] == timesMs[row]
                let isKnown = keptValues.count > first && keptValues[keptValues.count - 1] == values[row]
                guard !isOverruled, !isKnown else { continue }
                keptTimesMs.append(timesMs[row])
                keptValues.append(values[row])
            }
            starts.append(UInt32(keptValues.count))
        }
        return ChangeLists(starts: starts, timesMs: keptTimesMs, values: keptValues)
    }
}
