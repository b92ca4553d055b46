// The inner problem of alternating least squares: one row against the other side's fixed rows, solved exactly.
//
// In the coordinates of `FactorRows.whiten` the fixed rows h satisfy (Y^T Y + lambda I) = identity, so equation 4 of Hu,
// Koren and Volinsky, "Collaborative filtering for implicit feedback datasets" (ICDM 2008), with confidences c = 1 + d,
// becomes (I + B^T B) x = B^T u, where B has the row w h for each cell, w = sqrt(d) and u = c / w. By the push-through
// identity (the Woodbury identity without its cancellation) x = B^T (I + B B^T)^-1 u. Whichever of B^T B and B B^T is
// smaller is solved; for one cell that is x = c / (1 + d |h|^2) h. All eigenvalues are between 1 and 1 + the largest d,
// which is why floats suffice.

import CKernels

/// The cells of one side's rows, in the form in which they are solved.
struct Observations {
    /// Where each row's cells start; one more than there are rows.
    var starts: [Int]
    /// Which of the other side's rows.
    var columns: [UInt32]
    /// w = sqrt(d) of each cell.
    var roots: [Float]
    /// u = c / w of each cell.
    var targets: [Float]

    /// d of nearly zero has its w and u; it only must not be zero. Above the largest, floats would solve no better.
    private static let strengthLimits: ClosedRange<Double> = 1e-12...1e6

    /// A strength d as it is computed with.
    static func limited(_ strength: Double) -> Double {
        min(max(strength, strengthLimits.lowerBound), strengthLimits.upperBound)
    }

    /// w and u of a cell with confidence 1 + strength.
    static func cell(strength: Double) -> (root: Float, target: Float) {
        let limited = limited(strength)
        return cell(quadratic: limited, linear: 1 + limited)
    }

    /// w and u of a cell that stands for several: `quadratic` is its d, `linear` its c.
    static func cell(quadratic: Double, linear: Double) -> (root: Float, target: Float) {
        let root = max(quadratic, strengthLimits.lowerBound).squareRoot()
        return (Float(root), Float(linear / root))
    }

    /// The cells of a matrix of interaction strengths, confidence 1 + alpha times the value.
    init(_ matrix: SparseMatrix, alpha: Double) {
        starts = matrix.starts
        columns = matrix.columns
        roots = []
        targets = []
        roots.reserveCapacity(matrix.count)
        targets.reserveCapacity(matrix.count)
        for value in matrix.values {
            let cell = Self.cell(strength: alpha * Double(value))
            roots.append(cell.root)
            targets.append(cell.target)
        }
    }

    init(starts: [Int], columns: [UInt32], roots: [Float], targets: [Float]) {
        self.starts = starts
        self.columns = columns
        self.roots = roots
        self.targets = targets
    }
}

/// Solves rows, with memory of its own that is bounded by the width.
final class RowSolver {
    /// Where rows begin to be solved in other ways. Measured; the results agree but for rounding.
    struct Crossovers: Hashable, Sendable {
        /// Up to so many cells inner products are taken in place, one by one.
        var inPlaceMax = 24
        /// Up to so many cells, times the width, the matrix of cells is solved, beyond it that of factors.
        var cellsPerFactor = 1.0
        /// So many cells are gathered at once where the matrix of factors is summed.
        var gatheredMax = 256
    }

    private let width: Int
    private let crossovers: Crossovers
    private let matrix: UnsafeMutablePointer<Float>
    private let gathered: UnsafeMutablePointer<Float>
    private let vector: UnsafeMutablePointer<Float>
    private let cellsMax: Int

    init(width: Int, crossovers: Crossovers = Crossovers()) {
        self.width = width
        self.crossovers = crossovers
        cellsMax = max(Int(Double(width) * crossovers.cellsPerFactor), 1)
        let side = max(width, cellsMax, crossovers.inPlaceMax)
        matrix = .allocate(capacity: side * side)
        gathered = .allocate(capacity: max(cellsMax, crossovers.gatheredMax) * width)
        vector = .allocate(capacity: side)
    }

    deinit {
        matrix.deallocate()
        gathered.deallocate()
        vector.deallocate()
    }

    /// Solves a range of rows against fixed rows of whitened coordinates; `result` gets them one after the other.
    func solve(
        _ rows: Range<Int>, of cells: borrowing Observations, fixed: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>
    ) {
        cells.columns.withUnsafeBufferPointer { columns in
            cells.roots.withUnsafeBufferPointer { roots in
                cells.targets.withUnsafeBufferPointer { targets in
                    let last = cells.starts[rows.upperBound]
                    var foreseen = cells.starts[rows.lowerBound]
                    for (place, row) in rows.enumerated() {
                        let start = cells.starts[row]
                        let end = cells.starts[row + 1]
                        let solution = result + place * width
                        while foreseen < min(end + 16, last) {
                            kernels_prefetch(fixed + Int(columns[foreseen]) * width, width)
                            foreseen += 1
                        }
                        guard start < end, let columns = columns.baseAddress, let roots = roots.baseAddress,
                            let targets = targets.baseAddress
                        else {
                            solution.update(repeating: 0, count: width)
                            continue
                        }
                        solve(
                            Row(
                                columns: columns + start, roots: roots + start, targets: targets + start,
                                count: end - start), fixed, solution)
                    }
                }
            }
        }
    }

    /// A row's cells.
    private struct Row {
        let columns: UnsafePointer<UInt32>
        let roots: UnsafePointer<Float>
        let targets: UnsafePointer<Float>
        let count: Int
    }

    private func solve(_ row: Row, _ fixed: UnsafePointer<Float>, _ solution: UnsafeMutablePointer<Float>) {
        if row.count <= crossovers.inPlaceMax {
            solveInPlace(row, fixed, solution)
        } else if row.count <= cellsMax {
            solveByCells(row, fixed, solution)
        } else {
            solveByFactors(row, fixed, solution)
        }
    }

    /// O(n^2 f + n^3), without a copy of the fixed rows.
    private func solveInPlace(_ row: Row, _ fixed: UnsafePointer<Float>, _ solution: UnsafeMutablePointer<Float>) {
        let count = row.count
        kernels_inner_products(fixed, row.columns, count, width, matrix)
        for cell in 0..<count {
            for other in 0...cell { matrix[cell * count + other] *= row.roots[cell] * row.roots[other] }
            vector[cell] = row.targets[cell]
        }
        kernels_solve(matrix, vector, count)
        for cell in 0..<count { vector[cell] *= row.roots[cell] }
        kernels_combine(fixed, row.columns, vector, count, width, solution)
    }

    /// O(n^2 f + n^3), by BLAS.
    private func solveByCells(_ row: Row, _ fixed: UnsafePointer<Float>, _ solution: UnsafeMutablePointer<Float>) {
        let count = row.count
        kernels_gather(fixed, row.columns, row.roots, count, width, gathered)
        BLAS.rowProducts(gathered, count: count, width: width, into: matrix)
        for cell in 0..<count { matrix[cell * count + cell] += 1 }
        vector.update(from: row.targets, count: count)
        let isSolved = BLAS.solve(matrix, size: count, vector)
        precondition(isSolved, "factors must be finite")
        BLAS.combine(gathered, count: count, width: width, vector, into: solution)
    }

    /// O(n f^2 + f^3), by BLAS, in blocks of cells.
    private func solveByFactors(_ row: Row, _ fixed: UnsafePointer<Float>, _ solution: UnsafeMutablePointer<Float>) {
        for start in stride(from: 0, to: row.count, by: crossovers.gatheredMax) {
            let count = min(crossovers.gatheredMax, row.count - start)
            let keep: Float = start == 0 ? 0 : 1
            kernels_gather(fixed, row.columns + start, row.roots + start, count, width, gathered)
            BLAS.columnProducts(gathered, count: count, width: width, keep: keep, into: matrix)
            BLAS.combine(gathered, count: count, width: width, row.targets + start, keep: keep, into: solution)
        }
        for factor in 0..<width { matrix[factor * width + factor] += 1 }
        let isSolved = BLAS.solve(matrix, size: width, solution)
        precondition(isSolved, "factors must be finite")
    }
}
