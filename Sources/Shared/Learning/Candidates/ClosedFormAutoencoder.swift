// EASE^R (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019): the linear item-to-item model that
// best rebuilds each user's row from that user's other items, in closed form. Its matrix is square in the items, so it
// covers the most active ones that fit into a stated memory.

/// A linear model from a user's items to scores of the items it covers.
package struct ClosedFormAutoencoder: Sendable {
    package struct Parameters: Codable, Hashable, Sendable {
        /// lambda of the paper's equation 4, added to each item's sum of squares; more than zero.
        package var regularization = 300.0
        /// What the model may need, in bytes: 4 x items x items. A twentieth more is used while it is computed.
        package var modelBytesMax = 1 << 30

        package init() {}
    }

    /// The items covered, ascending.
    package let items: [UInt32]
    /// B of equation 8, by index in `items`: row i says what having item i adds to the score of each item. The diagonal
    /// is zero.
    package let weights: DenseMatrix
    /// By item, its index in `items`; -1 if it is not covered.
    private let places: [Int32]

    /// Learns from users by items.
    ///
    /// - Returns: nil if floats cannot invert the matrix: the regularization is far too small.
    /// - Throws: CancellationError.
    package static func learn(
        _ matrix: SparseMatrix, parameters: Parameters = Parameters(), workers: Int = Parallel.workersDefault,
        control: StepControl = StepControl()
    ) throws -> ClosedFormAutoencoder? {
        precondition(parameters.regularization > 0 && parameters.modelBytesMax >= 0)
        let items = activeItems(matrix, bytesMax: parameters.modelBytesMax)
        var places = [Int32](repeating: -1, count: matrix.columnCount)
        for (place, item) in items.enumerated() { places[Int(item)] = Int32(place) }
        let size = items.count
        var weights = DenseMatrix(rowCount: size, columnCount: size)
        let isSolved = try weights.values.withUnsafeMutableBufferPointer { weights in
            guard let weights = weights.baseAddress, size > 0 else { return true }
            try fillProducts(weights, matrix.columns(places, count: size), workers, control)
            for place in 0..<size { weights[place * size + place] += Float(parameters.regularization) }
            control.report(0.1)
            let isInverted = try SymmetricInverse.invert(weights, size: size, workers: workers, control: control) {
                control.report(0.1 + 0.85 * $0)
            }
            if isInverted { finish(weights, size: size) }
            return isInverted
        }
        guard isSolved else { return nil }
        control.report(1)
        return ClosedFormAutoencoder(items: items, weights: weights, places: places)
    }

    /// The items with the most users, as many as fit; of equals the smaller index.
    private static func activeItems(_ matrix: SparseMatrix, bytesMax: Int) -> [UInt32] {
        var users = [Int](repeating: 0, count: matrix.columnCount)
        for column in matrix.columns { users[Int(column)] += 1 }
        let active = (0..<UInt32(matrix.columnCount)).filter { users[Int($0)] > 0 }
        let countMax = Int((Double(bytesMax) / 4).squareRoot())
        guard active.count > countMax else { return active }
        return active.sorted { (users[Int($1)], $0) < (users[Int($0)], $1) }.prefix(countMax).sorted()
    }

    /// The lower triangle of X^T X. Each row belongs to one block, so sums do not depend on the workers.
    private static func fillProducts(
        _ products: UnsafeMutablePointer<Float>, _ byUser: SparseMatrix, _ workers: Int, _ control: StepControl
    ) throws {
        let size = byUser.columnCount
        let byItem = byUser.transposed()
        try Parallel.forEachRange(of: size, by: 16, workers: workers, control: control) { rows, _ in
            for row in rows {
                for cell in byItem.cells(ofRow: row) {
                    for other in byUser.cells(ofRow: Int(byItem.columns[cell])) {
                        let column = Int(byUser.columns[other])
                        guard column <= row else { break }
                        products[row * size + column] += byItem.values[cell] * byUser.values[other]
                    }
                }
            }
        }
    }

    /// From the lower triangle of P to B = I - P diag(1 / diag P).
    private static func finish(_ weights: UnsafeMutablePointer<Float>, size: Int) {
        let scales = (0..<size).map { -1 / weights[$0 * size + $0] }
        for row in 0..<size {
            for column in 0..<row {
                let value = weights[row * size + column]
                weights[row * size + column] = value * scales[column]
                weights[column * size + row] = value * scales[row]
            }
            weights[row * size + row] = 0
        }
    }

    /// The best items of some users, among those covered; of equal scores the smaller index stands first. A user whose
    /// items are all outside has an empty list.
    ///
    /// - Parameters:
    ///   - rows: Which rows of `users`; lists come in this order.
    ///   - users: Users by items, weighted as what was learned from.
    ///   - isExcluded: By item, whether it stands in no list; empty if none is excluded.
    ///   - seen: Users by items, the rows of `users`: a row's columns stand not in its list.
    package func lists(
        for rows: some RandomAccessCollection<Int>, of users: SparseMatrix, itemsMax: Int, isExcluded: [Bool] = [],
        seen: SparseMatrix? = nil, workers: Int = Parallel.workersDefault, control: StepControl = StepControl()
    ) throws -> ScoredLists {
        precondition(users.columnCount == places.count && itemsMax >= 0)
        precondition(isExcluded.isEmpty || isExcluded.count == places.count, "the mask is as long as the items")
        precondition(seen.map { $0.rowCount == users.rowCount } ?? true, "seen has the rows of users")
        let rows = Array(rows)
        let size = items.count
        var result = ScoredLists(count: rows.count, itemsMax: itemsMax)
        try result.withHeaps { heap, finish in
            try withScratch(floats: workers * size) { scratch in
                try Parallel.forEachRange(of: rows.count, by: 64, workers: workers, control: control) { lists, worker in
                    let scores = scratch + worker * size
                    for list in lists {
                        guard score(users, row: rows[list], into: scores) else { continue }
                        var best = heap(list)
                        TopItems.keepBest(of: scores, count: size, in: &best) { place in
                            let item = items[place]
                            let isOut = !isExcluded.isEmpty && isExcluded[Int(item)]
                            return isOut || seen?.contains(row: rows[list], column: item) ?? false ? nil : item
                        }
                        finish(list, best)
                    }
                }
            }
        }
        return result
    }

    /// The scores of some items for a user, in their order; not a number for an item that is not covered, or for a user
    /// none of whose items is.
    func scores(of users: SparseMatrix, row: Int, items wanted: [UInt32]) -> [Float] {
        var scores = [Float](repeating: 0, count: wanted.count)
        let columns = wanted.map { Int(places[Int($0)]) }
        var isCovered = false
        for cell in users.cells(ofRow: row) {
            let place = Int(places[Int(users.columns[cell])])
            guard place >= 0 else { continue }
            isCovered = true
            let value = users.values[cell]
            weights.values.withUnsafeBufferPointer { weights in
                let start = place * items.count
                for (index, column) in columns.enumerated() where column >= 0 {
                    scores[index] += value * weights[start + column]
                }
            }
        }
        for (index, column) in columns.enumerated() where column < 0 || !isCovered { scores[index] = .nan }
        return scores
    }

    /// A user's row times B; false if none of the row's items is covered.
    private func score(_ users: SparseMatrix, row: Int, into scores: UnsafeMutablePointer<Float>) -> Bool {
        scores.update(repeating: 0, count: items.count)
        var isCovered = false
        weights.values.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            for cell in users.cells(ofRow: row) {
                let place = Int(places[Int(users.columns[cell])])
                guard place >= 0 else { continue }
                BLAS.add(users.values[cell], weights + place * items.count, count: items.count, to: scores)
                isCovered = true
            }
        }
        return isCovered
    }
}

extension SparseMatrix {
    /// Some of the columns, renumbered. `places` says by column what it becomes, in the same order, or -1.
    fileprivate func columns(_ places: [Int32], count: Int) -> SparseMatrix {
        var starts = [0]
        var columns: [UInt32] = []
        var values: [Float] = []
        starts.reserveCapacity(rowCount + 1)
        for row in 0..<rowCount {
            for cell in cells(ofRow: row) where places[Int(self.columns[cell])] >= 0 {
                columns.append(UInt32(places[Int(self.columns[cell])]))
                values.append(self.values[cell])
            }
            starts.append(columns.count)
        }
        return SparseMatrix(rowCount: rowCount, columnCount: count, starts: starts, columns: columns, values: values)
    }
}
