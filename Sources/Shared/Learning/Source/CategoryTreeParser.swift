// category_tree.csv: how categories nest.

import Models

/// A category and its parent. The bytes belong to the reader and are valid only during the call that hands the row
/// over.
package struct CategoryRow {
    let category: CSVField
    /// Nil for a root.
    let parent: CSVField?
}

/// Reads a category tree, `categoryid,parentid`, chunk by chunk. A root's parent is empty or -1.
package struct CategoryTreeParser {
    private var reader: CSVReader
    private static let noParent = Array("-1".utf8)

    /// A reader of one file. `file` is its name in errors.
    package init(file: String, faultShareMax: Double = EventLogParser.faultShareMax) {
        reader = CSVReader(
            file: file, columns: [CSVColumn("categoryid"), CSVColumn("parentid")],
            faultShareMax: faultShareMax, allowsNoRows: true)
    }

    /// How many lines have been read, the header among them.
    package var lineNumber: Int { reader.lineNumber }

    /// Reads a chunk and hands over its categories.
    package mutating func read(_ chunk: [UInt8], category: (CategoryRow) -> Void) throws(LearningError) {
        try reader.read(chunk) { fields in Self.row(fields, category) }
    }

    /// Reads the last line and judges the whole file: throws if it is empty or has too many unusable rows. No rows are
    /// none.
    package mutating func finish(category: (CategoryRow) -> Void) throws(LearningError) -> RowReport {
        try reader.finish { fields in Self.row(fields, category) }
    }

    private static func row(_ fields: [CSVField], _ category: (CategoryRow) -> Void) -> RowFault? {
        guard IdentifierRule.accepts(fields[0]) else { return .category }
        let isRoot = fields[1].isEmpty || noParent.elementsEqual(fields[1])
        guard isRoot || IdentifierRule.accepts(fields[1]) else { return .category }
        category(CategoryRow(category: fields[0], parent: isRoot ? nil : fields[1]))
        return nil
    }
}
