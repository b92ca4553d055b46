// What alternating least squares has learned: the factors, how well they fit, and factors for users who came later.

import CKernels

/// Factors of users and items; the preference of a user for an item is the inner product of their rows.
package struct FactorModel: Sendable {
    package let parameters: AlternatingLeastSquares.Parameters
    /// Users by factors; zeros for a user without cells.
    package let users: DenseMatrix
    /// Items by factors; zeros for an item without cells.
    package let items: DenseMatrix

    /// The objective (Hu, Koren, Volinsky 2008, equation 3) on a matrix of the shape of the one learned from: over all
    /// users and items, c (p - x y)^2, and the regularization times the sum of squares of all factors.
    package func loss(
        on matrix: SparseMatrix, workers: Int = Parallel.workersDefault, control: StepControl = StepControl()
    ) throws -> Double {
        precondition(matrix.rowCount == users.rowCount && matrix.columnCount == items.rowCount)
        let width = users.columnCount
        let userProducts = try products(of: users, workers, control)
        let itemProducts = try products(of: items, workers, control)
        var loss = 0.0
        // Over all pairs the sum of (x y)^2 is the inner product of the two sides' inner products.
        for place in 0..<width * width { loss += userProducts.values[place] * itemProducts.values[place] }
        for place in 0..<width {
            let squares = userProducts.values[place * width + place] + itemProducts.values[place * width + place]
            loss += parameters.regularization * squares
        }
        let blockRows = 4096
        var sums = [Double](repeating: 0, count: (matrix.rowCount + blockRows - 1) / blockRows)
        try sums.withUnsafeMutableBufferPointer { sums in
            try users.values.withUnsafeBufferPointer { users in
                try items.values.withUnsafeBufferPointer { items in
                    guard let users = users.baseAddress, let items = items.baseAddress else { return }
                    try Parallel.forEachRange(of: matrix.rowCount, by: blockRows, workers: workers, control: control) {
                        rows, _ in
                        var sum = 0.0
                        for row in rows {
                            for cell in matrix.cells(ofRow: row) {
                                let item = items + Int(matrix.columns[cell]) * width
                                let score = Double(kernels_dot(users + row * width, item, width))
                                let confidence = 1 + parameters.alpha * Double(matrix.values[cell])
                                sum += confidence * (1 - score) * (1 - score) - score * score
                            }
                        }
                        sums[rows.lowerBound / blockRows] = sum
                    }
                }
            }
        }
        return sums.reduce(loss, +)
    }

    private func products(of matrix: DenseMatrix, _ workers: Int, _ control: StepControl) throws -> SquareMatrix {
        try FactorRows(matrix).columnProducts(workers: workers, control: control)
    }

    /// Factors for rows of users by items that were not learned from, against these items: what another half-iteration
    /// would give them.
    ///
    /// - Parameter matrix: Users by the same items.
    /// - Returns: Users by factors.
    package func foldIn(
        _ matrix: SparseMatrix, workers: Int = Parallel.workersDefault, control: StepControl = StepControl()
    ) throws -> DenseMatrix {
        precondition(matrix.columnCount == items.rowCount, "the columns are the items learned from")
        let width = items.columnCount
        let fixed = FactorRows(items)
        let basis = try fixed.whiten(
            regularization: parameters.regularization, workers: workers, control: control
        ).floats
        let cells = Observations(matrix, alpha: parameters.alpha)
        let solvers = (0..<workers).map { _ in RowSolver(width: width) }
        let blockRows = 512
        var result = DenseMatrix(rowCount: matrix.rowCount, columnCount: width)
        try result.values.withUnsafeMutableBufferPointer { result in
            guard let result = result.baseAddress else { return }
            try withScratch(floats: workers * blockRows * width) { scratch in
                try Parallel.forEachRange(of: matrix.rowCount, by: blockRows, workers: workers, control: control) {
                    rows, worker in
                    let solved = scratch + worker * blockRows * width
                    solvers[worker].solve(rows, of: cells, fixed: fixed.stored, into: solved)
                    BLAS.multiply(
                        solved, rows: rows.count, inner: width, basis, columns: width,
                        into: result + rows.lowerBound * width)
                }
            }
        }
        return result
    }
}
