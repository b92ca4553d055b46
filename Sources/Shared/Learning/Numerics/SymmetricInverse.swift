// The inverse of a large positive definite matrix in its own memory, by blocks on several threads. LAPACK's is as fast
// on one thread only, and OpenBLAS's threads would sum differently for each number of them.

/// Inverts in place by the sweep operator (Beaton, "The use of special matrix operators in statistical calculus", 1964),
/// a block of pivots at a time; a block itself goes to LAPACK.
enum SymmetricInverse {
    private static let blockSize = 256

    /// Replaces the lower triangle of a size x size matrix by that of its inverse. What is above the diagonal is not
    /// read; it is overwritten in part.
    ///
    /// - Parameter report: Hears the share that is done.
    /// - Returns: False if the matrix is not positive definite; its values are lost then.
    /// - Throws: CancellationError, with the values lost too.
    static func invert(
        _ matrix: UnsafeMutablePointer<Float>, size: Int, workers: Int, control: StepControl, report: (Double) -> Void
    ) throws -> Bool {
        BLAS.prepare()
        return try withScratch(floats: blockSize * (2 * size + blockSize)) { scratch in
            for start in stride(from: 0, to: size, by: blockSize) {
                let pivots = start..<min(start + blockSize, size)
                let panel = Panel(pivots: pivots, size: size, scratch: scratch)
                guard try sweep(panel, matrix, size: size, workers, control) else { return false }
                report(Double(pivots.upperBound) / Double(size))
            }
            // Sweeping all pivots leaves the inverse with its sign changed.
            for row in 0..<size { for column in 0...row { matrix[row * size + column].negate() } }
            return true
        }
    }

    /// What the sweep of a block of pivots K reads while the matrix changes.
    private struct Panel {
        let pivots: Range<Int>
        /// A[K, all], pivots x size.
        let rows: UnsafeMutablePointer<Float>
        /// A[K, K]^-1 A[K, all].
        let solved: UnsafeMutablePointer<Float>
        /// A[K, K]^-1.
        let inverse: UnsafeMutablePointer<Float>

        init(pivots: Range<Int>, size: Int, scratch: UnsafeMutablePointer<Float>) {
            self.pivots = pivots
            rows = scratch
            solved = scratch + blockSize * size
            inverse = scratch + 2 * blockSize * size
        }
    }

    /// A[i, j] -= A[i, K] A[K, K]^-1 A[K, j];  A[i, K] = A[i, K] A[K, K]^-1;  A[K, K] = -A[K, K]^-1.
    private static func sweep(
        _ panel: Panel, _ matrix: UnsafeMutablePointer<Float>, size: Int, _ workers: Int, _ control: StepControl
    ) throws -> Bool {
        let pivots = panel.pivots
        let count = pivots.count
        for (place, pivot) in pivots.enumerated() {
            for column in 0..<size {
                // The lower triangle only: what is right of the pivot stands below it.
                let isBelow = column <= pivot
                panel.rows[place * size + column] = matrix[isBelow ? pivot * size + column : column * size + pivot]
            }
            for other in 0..<count {
                panel.inverse[place * count + other] = panel.rows[place * size + pivots.lowerBound + other]
            }
        }
        guard BLAS.invert(panel.inverse, size: count) else { return false }
        for place in 0..<count {
            for other in 0..<place { panel.inverse[other * count + place] = panel.inverse[place * count + other] }
        }
        BLAS.multiply(panel.inverse, rows: count, inner: count, panel.rows, columns: size, into: panel.solved)
        let blocks = (size + blockSize - 1) / blockSize
        try Parallel.forEach(blocks: blocks, workers: workers, control: control) { block, _ in
            // The last rows are the longest, so they begin.
            let start = (blocks - 1 - block) * blockSize
            let rows = start..<min(start + blockSize, size)
            guard start != pivots.lowerBound else { return fill(panel, matrix, size: size) }
            BLAS.subtractProduct(
                panel.rows + start, rows: rows.count, inner: count, panel.solved, columns: rows.upperBound, width: size,
                from: matrix + start * size)
            guard start > pivots.lowerBound else { return }
            for row in rows {
                for place in 0..<count {
                    matrix[row * size + pivots.lowerBound + place] = panel.solved[place * size + row]
                }
            }
        }
        return true
    }

    /// The rows of the pivots themselves.
    private static func fill(_ panel: Panel, _ matrix: UnsafeMutablePointer<Float>, size: Int) {
        let count = panel.pivots.count
        for (place, pivot) in panel.pivots.enumerated() {
            for column in 0..<panel.pivots.lowerBound {
                matrix[pivot * size + column] = panel.solved[place * size + column]
            }
            for other in 0..<count {
                matrix[pivot * size + panel.pivots.lowerBound + other] = -panel.inverse[place * count + other]
            }
        }
    }
}
