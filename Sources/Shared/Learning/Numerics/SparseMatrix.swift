// A matrix that is nearly all zeros, in compressed rows: twelve bytes a cell at most, and a row is a walk over memory.

/// A sparse row-major matrix; columns ascend within a row, each at most once.
package struct SparseMatrix: Hashable, Sendable {
    package let rowCount: Int
    package let columnCount: Int
    /// Where each row's cells start; one more entry than there are rows.
    package let starts: [Int]
    /// The cells' columns, row by row.
    package let columns: [UInt32]
    /// The cells' values, beside `columns`.
    package let values: [Float]

    /// Takes the compressed form as it is; its shape is checked.
    package init(rowCount: Int, columnCount: Int, starts: [Int], columns: [UInt32], values: [Float]) {
        precondition(starts.count == rowCount + 1 && starts.first == 0 && starts.last == columns.count)
        precondition(columns.count == values.count && columns.allSatisfy { $0 < columnCount })
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.starts = starts
        self.columns = columns
        self.values = values
    }

    /// How many cells there are.
    package var count: Int { columns.count }

    /// Where a row's cells are in `columns` and `values`.
    package func cells(ofRow row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

    /// The same cells with rows and columns changed about.
    package func transposed() -> SparseMatrix {
        var newStarts = [Int](repeating: 0, count: columnCount + 1)
        for column in columns { newStarts[Int(column) + 1] += 1 }
        for column in 0..<columnCount { newStarts[column + 1] += newStarts[column] }
        var next = newStarts
        var newColumns = [UInt32](repeating: 0, count: count)
        var newValues = [Float](repeating: 0, count: count)
        for row in 0..<rowCount {
            for cell in cells(ofRow: row) {
                let column = Int(columns[cell])
                newColumns[next[column]] = UInt32(row)
                newValues[next[column]] = values[cell]
                next[column] += 1
            }
        }
        return SparseMatrix(
            rowCount: columnCount, columnCount: rowCount, starts: newStarts, columns: newColumns, values: newValues)
    }

    /// The rows of a range, as a matrix of their own.
    package func rows(_ range: Range<Int>) -> SparseMatrix {
        let cells = starts[range.lowerBound]..<starts[range.upperBound]
        return SparseMatrix(
            rowCount: range.count, columnCount: columnCount,
            starts: starts[range.lowerBound...range.upperBound].map { $0 - cells.lowerBound },
            columns: Array(columns[cells]), values: Array(values[cells]))
    }
}
