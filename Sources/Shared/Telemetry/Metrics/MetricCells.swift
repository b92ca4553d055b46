// Where values are kept: a counter, a gauge and a histogram. They are swift-metrics' handlers, which libraries reach by a
// factory; our own parts hold them directly, since they also read them. Adding takes no lock and no memory.

import CoreMetrics
import Synchronization

/// A count that only grows.
package final class CounterCell: CounterHandler {
    private let cells = ShardedCells(width: 1)

    init() {}

    /// The count now.
    package var total: Int { Int(cells.total(at: 0)) }

    /// Counts one more.
    package func increment() { cells.add(1, at: 0) }

    /// Counts `amount` more; what is not positive changes nothing.
    package func increment(by amount: Int) { increment(by: Int64(amount)) }

    package func increment(by amount: Int64) {
        if amount > 0 { cells.add(amount, at: 0) }
    }

    /// Does nothing: a count that starts anew looks like a restart to whoever scrapes it.
    package func reset() {}
}

/// A value that goes up and down. swift-metrics sets one as a meter, or as a recorder that does not aggregate.
package final class GaugeCell: MeterHandler, RecorderHandler {
    private let bits = Atomic(Double(0).bitPattern)

    init() {}

    /// The value now.
    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    package func set(_ value: Int64) { set(Double(value)) }
    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    package func increment(by amount: Double) { change(by: amount) }
    package func decrement(by amount: Double) { change(by: -amount) }
    package func record(_ value: Int64) { set(value) }
    package func record(_ value: Double) { set(value) }

    private func change(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let (isExchanged, found) = bits.weakCompareExchange(
                expected: old, desired: (Double(bitPattern: old) + amount).bitPattern, ordering: .relaxed)
            if isExchanged { return }
            old = found
        }
    }
}

/// A distribution. As a timer it takes nanoseconds, as a recorder plain numbers.
package final class HistogramCell: TimerHandler, RecorderHandler {
    /// What a histogram holds at one moment.
    package struct Snapshot: Sendable, Equatable {
        /// How many values each bucket holds, the one without bound last; not added up.
        package let counts: [Int64]
        /// All values together.
        package let sum: Double

        /// How many values there are.
        package var count: Int64 { counts.reduce(0, +) }
    }

    private let scale: HistogramScale
    private let bounds: [Int64]
    private let cells: ShardedCells

    init(_ scale: HistogramScale) {
        self.scale = scale
        bounds = scale.bounds.map { Int64(($0 * scale.unitsPerOne).rounded()) }
        cells = ShardedCells(width: bounds.count + 2)
    }

    /// What it holds now. The count is the sum of the buckets, so the two always agree.
    package var snapshot: Snapshot {
        Snapshot(
            counts: (0...bounds.count).map { cells.total(at: $0) },
            sum: Double(cells.total(at: bounds.count + 1)) / scale.unitsPerOne)
    }

    /// Adds a time.
    package func recordNanoseconds(_ duration: Int64) {
        add(scale.unitsPerOne == 1e9 ? duration : Int64(Double(duration) / 1e9 * scale.unitsPerOne))
    }

    package func record(_ value: Int64) { record(Double(value)) }

    package func record(_ value: Double) {
        // What is no number, or too large for one, has no place in a sum.
        if let units = Int64(exactly: (value * scale.unitsPerOne).rounded()) { add(units) }
    }

    private func add(_ units: Int64) {
        var bucket = 0
        for bound in bounds where units > bound { bucket &+= 1 }
        let row = ShardedCells.row
        cells.add(1, at: bucket, row: row)
        cells.add(units, at: bounds.count + 1, row: row)
    }
}
