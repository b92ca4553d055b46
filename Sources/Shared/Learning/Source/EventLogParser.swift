// events.csv: RetailRocket's log, and anything with the same columns under the event schema's names.

package import Models

/// One row of an event log. The bytes belong to the reader and are valid only during the call that hands the row over.
package struct EventRow {
    /// When, Unix ms.
    package let timestampMs: Int64
    /// Which event type, as an index into ``EventTypes/orderedNames``.
    package let type: UInt8
    let user: UnsafeBufferPointer<UInt8>
    let item: UnsafeBufferPointer<UInt8>

    /// The user as a string; for tests and messages, too slow for millions.
    package var userText: String { String(decoding: user, as: UTF8.self) }
    /// The item as a string; for tests and messages, too slow for millions.
    package var itemText: String { String(decoding: item, as: UTF8.self) }
}

extension EventTypes {
    /// The types' names in the order of the indexes that learning keeps instead of names.
    package var orderedNames: [String] { weights.keys.sorted() }

    /// The weights in the same order; one that is negative or not a number counts as 0.
    var orderedWeights: [Double] {
        orderedNames.map { name in
            let weight = weight(of: name)
            return weight.isFinite ? max(weight, 0) : 0
        }
    }
}

/// Reads an event log chunk by chunk. Columns are found by name: `timestamp` or `ts`, `visitorid` or `user_id`,
/// `itemid` or `item_id`, and `event`; others, such as `transactionid`, are passed over.
package struct EventLogParser {
    /// The share of unusable rows that a log may have unless told otherwise.
    package static let faultShareMax = 0.05

    private var reader: CSVReader
    private let typeNames: [[UInt8]]

    /// A reader of one file. `file` is its name in errors; at most the first 256 event types are known.
    /// A file with a header and nothing else is an error unless `allowsNoRows`.
    package init(
        file: String, types: EventTypes, faultShareMax: Double = faultShareMax, allowsNoRows: Bool = false
    ) {
        reader = CSVReader(
            file: file,
            columns: [
                CSVColumn("timestamp", "ts"), CSVColumn("visitorid", "user_id"), CSVColumn("event"),
                CSVColumn("itemid", "item_id"),
            ],
            faultShareMax: faultShareMax, allowsNoRows: allowsNoRows)
        typeNames = types.orderedNames.prefix(256).map { Array($0.utf8) }
    }

    /// What became of the rows so far.
    package var report: RowReport { reader.report }

    /// How many lines have been read, the header among them.
    package var lineNumber: Int { reader.lineNumber }

    /// Reads a chunk and hands over its events. Throws if the header lacks a column or too many rows are unusable.
    package mutating func read(_ chunk: [UInt8], event: (EventRow) -> Void) throws(LearningError) {
        let typeNames = typeNames
        try reader.read(chunk) { fields in Self.row(fields, typeNames, event) }
    }

    /// Reads the last line and judges the whole file: throws if it is empty, has no rows, or too many unusable ones.
    package mutating func finish(event: (EventRow) -> Void) throws(LearningError) -> RowReport {
        let typeNames = typeNames
        return try reader.finish { fields in Self.row(fields, typeNames, event) }
    }

    private static func row(_ fields: [CSVField], _ typeNames: [[UInt8]], _ event: (EventRow) -> Void) -> RowFault? {
        let timestampMs: Int64
        switch RowTimestamp(fields[0]) {
        case .milliseconds(let value): timestampMs = value
        case .seconds: return .seconds
        case .none: return .timestamp
        }
        guard IdentifierRule.accepts(fields[1]) else { return .user }
        guard let type = typeNames.firstIndex(where: { $0.elementsEqual(fields[2]) }) else { return .eventType }
        guard IdentifierRule.accepts(fields[3]) else { return .item }
        event(EventRow(timestampMs: timestampMs, type: UInt8(type), user: fields[1], item: fields[3]))
        return nil
    }
}
