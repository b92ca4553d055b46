// Implicit-feedback matrix factorization (Hu, Koren, Volinsky, ICDM 2008): users and items as short vectors whose inner
// product says how much a user prefers an item. Sides are solved in turn, each row exactly, so the objective falls with
// every half-iteration; RowSolver has the algebra, FactorRows the coordinates.

/// Learns factors of users and items from how strongly they interacted.
package struct AlternatingLeastSquares: Sendable {
    package struct Parameters: Codable, Hashable, Sendable {
        /// The length of a vector.
        package var factors = 64
        /// lambda of the objective; more than zero.
        package var regularization = 0.01
        /// A cell of value r has confidence 1 + alpha r; no cell has 1.
        package var alpha = 40.0
        /// How often each side is solved.
        package var iterations = 15
        /// Items start from random vectors of this seed.
        package var seed: UInt64 = 1

        package init() {}
    }

    private let parameters: Parameters
    let crossovers: RowSolver.Crossovers

    package init(_ parameters: Parameters = Parameters()) { self.init(parameters, crossovers: .init()) }

    init(_ parameters: Parameters, crossovers: RowSolver.Crossovers) {
        precondition(parameters.factors > 0 && parameters.regularization > 0 && parameters.alpha >= 0)
        self.parameters = parameters
        self.crossovers = crossovers
    }

    /// Learns from users by items; values must be positive and finite. Same matrix, same parameters, same bytes, for
    /// any number of workers. Needs 4 bytes x factors for each user (twice for those with two cells or more) and twice
    /// for each item, beside 12 bytes for each cell, twice.
    ///
    /// - Throws: CancellationError.
    package func factorize(
        _ matrix: SparseMatrix, workers: Int = Parallel.workersDefault, control: StepControl = StepControl()
    ) throws -> FactorModel {
        precondition(matrix.values.allSatisfy { $0 > 0 && $0.isFinite }, "strengths are positive and finite")
        var cells = CollapsedInteractions(matrix, alpha: parameters.alpha)
        let users = FactorRows(count: cells.rowCount, width: parameters.factors)
        let items = FactorRows(count: matrix.columnCount, width: parameters.factors)
        fillRandomly(items)
        let solvers = (0..<workers).map { _ in RowSolver(width: parameters.factors, crossovers: crossovers) }
        for iteration in 0..<parameters.iterations {
            users.basis = try items.whiten(
                regularization: parameters.regularization, workers: workers, control: control)
            cells.solveSoleUsers(items: items, rows: users)
            try Parallel.forEachRange(of: cells.users.count, by: 512, workers: workers, control: control) {
                rows, worker in
                solvers[worker].solve(rows, of: cells.userCells, fixed: items.stored, into: users[rows.lowerBound])
            }
            control.report((Double(iteration) + 0.5) / Double(parameters.iterations))
            items.basis = try users.whiten(
                regularization: parameters.regularization, workers: workers, control: control)
            try Parallel.forEachRange(of: items.count, by: 32, workers: workers, control: control) { rows, worker in
                solvers[worker].solve(rows, of: cells.itemCells, fixed: users.stored, into: items[rows.lowerBound])
            }
            control.report((Double(iteration) + 1) / Double(parameters.iterations))
        }
        return FactorModel(
            parameters: parameters,
            users: try trueUsers(users, cells, count: matrix.rowCount, workers: workers, control: control),
            items: try trueItems(items, workers: workers, control: control))
    }

    /// Values of 0..<0.01, each from the seed and its place alone.
    private func fillRandomly(_ items: FactorRows) {
        for place in 0..<items.count * items.width {
            // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
            var bits = parameters.seed &+ UInt64(place + 1) &* 0x9E37_79B9_7F4A_7C15
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            items.stored[place] = Float((bits ^ (bits >> 31)) >> 40) * 0x1p-24 * 0.01
        }
    }

    private func trueItems(_ items: FactorRows, workers: Int, control: StepControl) throws -> DenseMatrix {
        var result = DenseMatrix(rowCount: items.count, columnCount: items.width)
        try result.values.withUnsafeMutableBufferPointer { result in
            try items.forEachTrueBlock(workers: workers, control: control) { rows, values in
                for place in 0..<rows.count * items.width {
                    result[rows.lowerBound * items.width + place] = values[place]
                }
            }
        }
        return result
    }

    /// Spreads the solved rows over all users: each of two cells or more its own, each of one cell its multiple of the
    /// item's.
    private func trueUsers(
        _ rows: FactorRows, _ cells: CollapsedInteractions, count: Int, workers: Int, control: StepControl
    ) throws -> DenseMatrix {
        var result = DenseMatrix(rowCount: count, columnCount: rows.width)
        let width = rows.width
        try result.values.withUnsafeMutableBufferPointer { result in
            try rows.forEachTrueBlock(workers: workers, control: control) { block, values in
                for (place, row) in block.enumerated() {
                    let source = values + place * width
                    if row < cells.users.count {
                        let start = Int(cells.users[row]) * width
                        for factor in 0..<width { result[start + factor] = source[factor] }
                        continue
                    }
                    let sole = row - cells.users.count
                    for user in cells.soleStarts[sole]..<cells.soleStarts[sole + 1] {
                        let start = Int(cells.soleUsers[user]) * width
                        for factor in 0..<width { result[start + factor] = cells.soleFactors[user] * source[factor] }
                    }
                }
            }
        }
        return result
    }
}
