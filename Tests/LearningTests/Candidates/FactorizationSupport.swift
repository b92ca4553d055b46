// Small random matrices, and the plain ways to do what Learning does cleverly: dense, in doubles, cell by cell.

import Learning

/// A generator with a seed (Knuth's constants).
struct SeededRandom {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    /// -1...1 in steps of a millionth.
    mutating func signed() -> Double { Double(below(2_000_001) - 1_000_000) / 1_000_000 }
}

/// A matrix of the given rows of (column, value), columns ascending.
func sparse(_ rows: [[(UInt32, Float)]], columns: Int) -> SparseMatrix {
    var starts = [0]
    for row in rows { starts.append((starts.last ?? 0) + row.count) }
    return SparseMatrix(
        rowCount: rows.count, columnCount: columns, starts: starts, columns: rows.flatMap { $0.map(\.0) },
        values: rows.flatMap { $0.map(\.1) })
}

/// Users of 0, 1, 2 ... cells: every way of solving a row is taken, by users and by items.
func randomMatrix(seed: UInt64, users: Int, items: Int) -> SparseMatrix {
    var random = SeededRandom(state: seed)
    let rows = (0..<users).map { user in
        // One user has everything; the others one cell in half of the cases.
        let count = user == 3 ? items : random.below(2) == 0 ? 1 : random.below(min(items, 12))
        var chosen: Set<UInt32> = []
        while chosen.count < count {
            chosen.insert(UInt32(random.below(random.below(4) == 0 ? items : (items + 3) / 4)))
        }
        if user == 3 { chosen = Set(0..<UInt32(items)) }
        return chosen.sorted().map { ($0, Float(1 + random.below(5))) }
    }
    return sparse(rows, columns: items)
}

func randomDense(seed: UInt64, rows: Int, columns: Int) -> DenseMatrix {
    var random = SeededRandom(state: seed)
    return DenseMatrix(
        rowCount: rows, columnCount: columns, values: (0..<rows * columns).map { _ in Float(random.signed()) })
}

enum Dense {
    /// Solves by elimination with pivots. Rows of the matrix, in doubles.
    static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var rows = zip(matrix, right).map { $0 + [$1] }
        for column in rows.indices {
            let pivot = rows.indices[column...].max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
            rows.swapAt(column, pivot)
            for row in rows.indices where row != column {
                let factor = rows[row][column] / rows[column][column]
                guard factor != 0 else { continue }
                for place in column...rows.count { rows[row][place] -= factor * rows[column][place] }
            }
        }
        return rows.indices.map { rows[$0][rows.count] / rows[$0][$0] }
    }

    static func inverse(_ matrix: [[Double]]) -> [[Double]] {
        let columns = matrix.indices.map { unit in solve(matrix, matrix.indices.map { $0 == unit ? 1 : 0 }) }
        return matrix.indices.map { row in columns.map { $0[row] } }
    }

    /// (Y^T C Y + lambda I)^-1 Y^T C p for one row of cells, over all columns: equation 4 as it is written.
    static func row(_ cells: [(UInt32, Float)], fixed: DenseMatrix, alpha: Double, lambda: Double) -> [Double] {
        let width = fixed.columnCount
        var matrix = (0..<width).map { row in (0..<width).map { $0 == row ? lambda : 0 } }
        var right = [Double](repeating: 0, count: width)
        let strengths = Dictionary(uniqueKeysWithValues: cells)
        for column in 0..<fixed.rowCount {
            let factors = fixed[column].map(Double.init)
            let strength = strengths[UInt32(column)]
            let confidence = 1 + alpha * Double(strength ?? 0)
            for row in 0..<width {
                for other in 0..<width { matrix[row][other] += confidence * factors[row] * factors[other] }
                if strength != nil { right[row] += confidence * factors[row] }
            }
        }
        return solve(matrix, right)
    }

    static func loss(_ model: FactorModel, _ matrix: SparseMatrix) -> Double {
        var loss = 0.0
        for user in 0..<matrix.rowCount {
            let cells = Dictionary(uniqueKeysWithValues: matrix.row(user))
            for item in 0..<matrix.columnCount {
                let score = zip(model.users[user], model.items[item]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                let value = cells[UInt32(item)]
                let confidence = 1 + model.parameters.alpha * Double(value ?? 0)
                let error = (value == nil ? 0 : 1) - score
                loss += confidence * error * error
            }
        }
        let squares = (model.users.values + model.items.values).reduce(0.0) { $0 + Double($1) * Double($1) }
        return loss + model.parameters.regularization * squares
    }
}

extension SparseMatrix {
    func row(_ row: Int) -> [(UInt32, Float)] { cells(ofRow: row).map { (columns[$0], values[$0]) } }
}
