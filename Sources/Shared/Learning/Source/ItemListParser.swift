// items.csv of the prepared data: which items there are, also those of which no event and no property speaks any more.

import Models

/// An item's name. The bytes belong to the reader and are valid only during the call that hands it over.
package struct ItemRow {
    let item: CSVField
}

/// Reads a list of items, `item_id` and whatever else, chunk by chunk.
package struct ItemListParser {
    private var reader: CSVReader

    /// A reader of one file. `file` is its name in errors.
    package init(file: String) {
        reader = CSVReader(
            file: file, columns: [CSVColumn("item_id", "itemid")], faultShareMax: 0, allowsNoRows: true)
    }

    /// Reads a chunk and hands over its items.
    package mutating func read(_ chunk: [UInt8], item: (ItemRow) -> Void) throws(LearningError) {
        try reader.read(chunk) { fields in Self.row(fields, item) }
    }

    /// Reads the last line. Throws if the file is empty or any row is unusable.
    package mutating func finish(item: (ItemRow) -> Void) throws(LearningError) -> RowReport {
        try reader.finish { fields in Self.row(fields, item) }
    }

    private static func row(_ fields: [CSVField], _ item: (ItemRow) -> Void) -> RowFault? {
        guard IdentifierRule.accepts(fields[0]) else { return .item }
        item(ItemRow(item: fields[0]))
        return nil
    }
}
