// A matrix of floats, row after row: the form in which factors are multiplied, kept and handed on.

/// A dense row-major matrix.
package struct DenseMatrix: Hashable, Sendable {
    package let rowCount: Int
    package let columnCount: Int
    /// rowCount x columnCount values, row by row.
    package internal(set) var values: [Float]

    /// A matrix of zeros.
    package init(rowCount: Int, columnCount: Int) {
        self.init(
            rowCount: rowCount, columnCount: columnCount, values: [Float](repeating: 0, count: rowCount * columnCount))
    }

    /// Takes rowCount x columnCount values, row by row.
    package init(rowCount: Int, columnCount: Int, values: [Float]) {
        precondition(values.count == rowCount * columnCount, "a matrix has rows x columns values")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.values = values
    }

    /// A row's values.
    package subscript(row: Int) -> ArraySlice<Float> { values[row * columnCount..<(row + 1) * columnCount] }

    /// Some of the rows, in the order given.
    package func rows(_ rows: [UInt32]) -> DenseMatrix {
        var chosen: [Float] = []
        chosen.reserveCapacity(rows.count * columnCount)
        for row in rows { chosen.append(contentsOf: self[Int(row)]) }
        return DenseMatrix(rowCount: rows.count, columnCount: columnCount, values: chosen)
    }

    /// Each row divided by its length, so that inner products are cosines; rows of zeros stay so.
    package func normalizedRows() -> DenseMatrix {
        var result = self
        for row in 0..<rowCount {
            let places = row * columnCount..<(row + 1) * columnCount
            let length = values[places].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard length > 0 else { continue }
            for place in places { result.values[place] = Float(Double(values[place]) / length) }
        }
        return result
    }
}
