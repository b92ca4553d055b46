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

    /// Takes all rows away and keeps their memory.
    package mutating func removeAll() { values.removeAll(keepingCapacity: true) }
}
