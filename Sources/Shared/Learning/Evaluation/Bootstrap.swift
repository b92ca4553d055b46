// How far a mean could lie from what it is, had other users come: users are drawn again and again with replacement, and
// the means of the drawings are looked at (percentile bootstrap; Efron and Tibshirani, "An Introduction to the
// Bootstrap", 1993, chapter 13). All measures share the drawings, so differences between lists are of the same users.

import CKernels
import Models

/// Means of values by user, over many drawings of users.
struct Bootstrap {
    /// By drawing, by column: the mean.
    private let means: [[Double]]

    /// - Parameter columns: Values of the same users, column by column, all of the same length.
    /// - Throws: CancellationError.
    init(_ columns: [[Float]], resamples: Int, seed: UInt64, control: StepControl = StepControl()) throws {
        let users = columns.first?.count ?? 0
        precondition(columns.allSatisfy { $0.count == users }, "columns are of the same users")
        var means = [[Double]](repeating: [], count: users > 0 ? resamples : 0)
        try means.withUnsafeMutableBufferPointer { means in
            try Parallel.forEach(blocks: means.count, control: control) { drawing, _ in
                // Mixed: states a step apart would draw the same numbers, one place later.
                var random = SplitMix64(seed: drawing.mixed(seed))
                var counts = [Float](repeating: 0, count: users)
                for _ in 0..<users { counts[random.below(users)] += 1 }
                means[drawing] = columns.map { Double(kernels_dot(counts, $0, users)) / Double(users) }
            }
        }
        self.means = means
    }

    /// The middle 95 % of a column's means; nil without drawings.
    func interval(_ column: Int) -> (low: Double, high: Double)? { interval { $0[column] } }

    /// The same for the difference of two columns.
    func interval(of column: Int, minus other: Int) -> (low: Double, high: Double)? {
        interval { $0[column] - $0[other] }
    }

    private func interval(_ value: ([Double]) -> Double) -> (low: Double, high: Double)? {
        guard !means.isEmpty else { return nil }
        let sorted = means.map(value).sorted()
        func quantile(_ share: Double) -> Double { sorted[min(Int(share * Double(sorted.count)), sorted.count - 1)] }
        return (quantile(0.025), quantile(0.975))
    }
}
