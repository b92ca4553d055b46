// item_properties_part*.csv and category_tree.csv: which category an item is in, whether it can be bought, and how
// categories nest. RetailRocket's other properties are hashes that mean nothing to us; they are passed over before
// anything is parsed.

import Models

/// One statement about an item. The bytes belong to the reader and are valid only during the call that hands the row
/// over.
package struct PropertyRow {
    enum Value {
        case category(CSVField)
        case available(Bool)
    }

    let timestampMs: Int64
    let item: CSVField
    let value: Value
}

/// Reads item properties, `timestamp,itemid,property,value`, chunk by chunk.
package struct ItemPropertyParser {
    private var reader: CSVReader
    private static let category = Array("categoryid".utf8)
    private static let available = Array("available".utf8)

    /// A reader of one file. `file` is its name in errors.
    package init(file: String, faultShareMax: Double = EventLogParser.faultShareMax) {
        reader = CSVReader(
            file: file,
            columns: [
                CSVColumn("timestamp", "ts"), CSVColumn("itemid", "item_id"), CSVColumn("property"), CSVColumn("value"),
            ],
            faultShareMax: faultShareMax, allowsNoRows: true)
    }

    /// Reads a chunk and hands over what it says about categories and availability.
    package mutating func read(_ chunk: [UInt8], property: (PropertyRow) -> Void) throws(LearningError) {
        try reader.read(chunk) { fields in Self.row(fields, property) }
    }

    /// Reads the last line and judges the whole file: throws if it is empty or has too many unusable rows. No rows are
    /// none.
    package mutating func finish(property: (PropertyRow) -> Void) throws(LearningError) -> RowReport {
        try reader.finish { fields in Self.row(fields, property) }
    }

    private static func row(_ fields: [CSVField], _ property: (PropertyRow) -> Void) -> RowFault? {
        let isCategory = category.elementsEqual(fields[2])
        guard isCategory || available.elementsEqual(fields[2]) else { return nil }
        let timestampMs: Int64
        switch RowTimestamp(fields[0]) {
        case .milliseconds(let value): timestampMs = value
        case .seconds: return .seconds
        case .none: return .timestamp
        }
        guard IdentifierRule.accepts(fields[1]) else { return .item }
        if isCategory {
            guard IdentifierRule.accepts(fields[3]) else { return .category }
            property(PropertyRow(timestampMs: timestampMs, item: fields[1], value: .category(fields[3])))
        } else {
            guard fields[3].count == 1, let flag = fields[3].first else { return .availability }
            guard flag == UInt8(ascii: "0") || flag == UInt8(ascii: "1") else { return .availability }
            let value = PropertyRow.Value.available(flag == UInt8(ascii: "1"))
            property(PropertyRow(timestampMs: timestampMs, item: fields[1], value: value))
        }
        return nil
    }
}

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
