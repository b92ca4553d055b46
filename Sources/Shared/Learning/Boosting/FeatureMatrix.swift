// What a ranker sees of its candidates: a row of numbers for each, in columns that have names.

/// A dense row-major table of features. What is not known is not a number (NaN), which trees treat as missing.
package struct FeatureMatrix: Sendable {
    /// The columns' names, each once.
    package let names: [String]
    /// Rows x columns values, row after row.
    package private(set) var values: [Float]

    /// An empty table.
    package init(names: [String]) {
        self.init(names: names, values: [])
    }

    /// Takes rows x columns values, row after row.
    package init(names: [String], values: [Float]) {
        precondition(!names.isEmpty && values.count.isMultiple(of: names.count), "a table has rows x columns values")
        self.names = names
        self.values = values
    }

    /// How many rows there are.
    package var rowCount: Int { values.count / names.count }

    /// A row's values.
    package subscript(row: Int) -> ArraySlice<Float> { values[row * names.count..<(row + 1) * names.count] }

    /// Adds a row, which must have a value for each column.
    package mutating func append(_ row: some Collection<Float>) {
        precondition(row.count == names.count, "a row has a value for each column")
        values.append(contentsOf: row)
    }

    /// Adds the rows of a table of the same columns.
    package mutating func append(contentsOf other: FeatureMatrix) {
        precondition(other.names == names, "tables that are joined have the same columns")
        values.append(contentsOf: other.values)
    }

    /// The columns in which rows differ. A tree that is shown a share of the columns would waste it on the others.
    package func varyingColumns() -> [Int] {
        guard let first = rowCount > 0 ? Array(self[0]) : nil else { return [] }
        var isVarying = [Bool](repeating: false, count: names.count)
        for row in 1..<max(rowCount, 1) {
            for (column, value) in self[row].enumerated() where !isVarying[column] {
                isVarying[column] = value.bitPattern != first[column].bitPattern
            }
        }
        return isVarying.indices.filter { isVarying[$0] }
    }

    /// Some of the columns, in the order given.
    package func columns(_ wanted: [Int]) -> FeatureMatrix {
        guard wanted != Array(names.indices) else { return self }
        var part: [Float] = []
        part.reserveCapacity(rowCount * wanted.count)
        for row in 0..<rowCount {
            let start = row * names.count
            for column in wanted { part.append(values[start + column]) }
        }
        return FeatureMatrix(names: wanted.map { names[$0] }, values: part)
    }

    /// Takes all rows away and keeps their memory.
    package mutating func removeAll() { values.removeAll(keepingCapacity: true) }
}
