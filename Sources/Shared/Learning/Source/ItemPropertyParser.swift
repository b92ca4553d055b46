// item_properties_part*.csv: which category an item is in, whether it can be bought, and what it costs, each as of a
// time. RetailRocket's other properties are hashes that mean nothing to us; of those only the time is looked at.

import Models

/// One statement about an item. The bytes belong to the reader and are valid only during the call that hands the row
/// over.
package struct PropertyRow {
    enum Value {
        case category(CSVField)
        case available(Bool)
        /// Of the numeric property that the parser was told to look for.
        case number(Float)
        /// Of a property that nobody asked for.
        case other
    }

    let timestampMs: Int64
    let item: CSVField
    let value: Value
}

/// Reads item properties, `timestamp,itemid,property,value`, chunk by chunk.
package struct ItemPropertyParser {
    private var reader: CSVReader
    private let numericProperty: [UInt8]
    private static let category = Array("categoryid".utf8)
    private static let available = Array("available".utf8)

    /// A reader of one file. `file` is its name in errors; `numericProperty` names a property whose values are numbers,
    /// plain or in RetailRocket's form (`n12.000`), such as a price.
    package init(
        file: String, numericProperty: String? = nil, faultShareMax: Double = EventLogParser.faultShareMax
    ) {
        reader = CSVReader(
            file: file,
            columns: [
                CSVColumn("timestamp", "ts"), CSVColumn("itemid", "item_id"), CSVColumn("property"), CSVColumn("value"),
            ],
            faultShareMax: faultShareMax, allowsNoRows: true)
        self.numericProperty = Array((numericProperty ?? "").utf8)
    }

    /// What became of the rows so far.
    package var report: RowReport { reader.report }

    /// How many lines have been read, the header among them.
    package var lineNumber: Int { reader.lineNumber }

    /// Reads a chunk and hands over its usable rows, also those of properties that nobody asked for: their times count.
    package mutating func read(_ chunk: [UInt8], property: (PropertyRow) -> Void) throws(LearningError) {
        let numericProperty = numericProperty
        try reader.read(chunk) { fields in Self.row(fields, numericProperty, property) }
    }

    /// Reads the last line and judges the whole file: throws if it is empty or has too many unusable rows. No rows are
    /// none.
    package mutating func finish(property: (PropertyRow) -> Void) throws(LearningError) -> RowReport {
        let numericProperty = numericProperty
        return try reader.finish { fields in Self.row(fields, numericProperty, property) }
    }

    private static func row(
        _ fields: [CSVField], _ numericProperty: [UInt8], _ property: (PropertyRow) -> Void
    ) -> RowFault? {
        let timestampMs: Int64
        switch RowTimestamp(fields[0]) {
        case .milliseconds(let value): timestampMs = value
        case .seconds: return .seconds
        case .none: return .timestamp
        }
        let value: PropertyRow.Value
        if fields[2].elementsEqual(category) {
            guard IdentifierRule.accepts(fields[3]) else { return .category }
            value = .category(fields[3])
        } else if fields[2].elementsEqual(available) {
            guard fields[3].count == 1, let flag = fields[3].first else { return .availability }
            guard flag == UInt8(ascii: "0") || flag == UInt8(ascii: "1") else { return .availability }
            value = .available(flag == UInt8(ascii: "1"))
        } else if !numericProperty.isEmpty, fields[2].elementsEqual(numericProperty) {
            guard let number = number(fields[3]) else { return .number }
            value = .number(number)
        } else {
            property(PropertyRow(timestampMs: timestampMs, item: fields[1], value: .other))
            return nil
        }
        guard IdentifierRule.accepts(fields[1]) else { return .item }
        property(PropertyRow(timestampMs: timestampMs, item: fields[1], value: value))
        return nil
    }

    private static func number(_ field: CSVField) -> Float? {
        let digits = field.first == UInt8(ascii: "n") ? field.dropFirst() : field[...]
        guard let number = Float(String(decoding: digits, as: UTF8.self)), number.isFinite else { return nil }
        return number
    }
}
