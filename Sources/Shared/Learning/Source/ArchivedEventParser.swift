// Events as the archive keeps them: NDJSON, one object a line, with the fields of the event schema as they stood on the
// stream and `id`, the entry's stream id. What an event means and when it counts is judged as the stream's readers do.

package import Models

/// One archived event. The bytes belong to the reader and are valid only during the call that hands the row over.
package struct ArchivedEventRow {
    /// When it counts as having happened, who, with what and how.
    package let event: EventRow
    /// Its place on the stream.
    package let id: StreamID
    /// The producer's own id; nil if it gave none.
    let eventID: CSVField?
}

/// Reads an archive's lines chunk by chunk: `id`, `user_id`, `item_id`, `event`, `ts`, `event_id`, `v`, each as a string
/// or a number. Unknown fields are passed over. A line without `event` is a view, one without `ts` happened when it
/// arrived, and a time more than five minutes ahead of the arrival is the arrival's, as in ``StreamedEvent``.
package struct ArchivedEventParser {
    private static let fields = [
        "id", EventField.user, EventField.item, EventField.type, EventField.timestamp, EventField.eventID,
        EventField.version,
    ]

    private let file: String
    private let faultShareMax: Double
    private let typeNames: [[UInt8]]
    private var lines = LineReader()
    private var object = JSONLineReader(names: Self.fields)
    /// What became of the lines so far.
    package private(set) var report = RowReport()

    /// A reader of one file. `file` is its name in errors; `types` are those that logs are parsed with.
    package init(file: String, types: EventTypes, faultShareMax: Double = EventLogParser.faultShareMax) {
        self.file = file
        self.faultShareMax = faultShareMax
        typeNames = types.orderedNames.prefix(256).map { Array($0.utf8) }
    }

    /// How many lines have been read.
    package var lineNumber: Int { lines.lineNumber }

    /// Reads a chunk and hands over its events.
    package mutating func read(_ chunk: [UInt8], event: (ArchivedEventRow) -> Void) throws(LearningError) {
        // The reader of lines calls back into this value, so it steps out of it meanwhile.
        var lines = LineReader()
        swap(&lines, &self.lines)
        defer { swap(&lines, &self.lines) }
        try lines.read(chunk, file: file) { line, number throws(LearningError) in take(line, number, event) }
    }

    /// Reads the last line and judges the whole file: throws if too many lines are unusable. No lines are none.
    package mutating func finish(event: (ArchivedEventRow) -> Void) throws(LearningError) -> RowReport {
        try read([UInt8(ascii: "\n")], event: event)
        try report.judge(file: file, shareMax: faultShareMax)
        return report
    }

    private mutating func take(_ line: CSVField, _ number: Int, _ event: (ArchivedEventRow) -> Void) {
        guard !line.isEmpty else { return }
        report.rows += 1
        var fault: RowFault?
        let typeNames = typeNames
        let isObject = object.read(line) { fields in
            switch Self.row(fields, typeNames) {
            case .success(let row): event(row)
            case .failure(let found): fault = found
            }
        }
        if let fault = isObject ? fault : .json { report.count(fault, line: number) }
    }

    private static func row(_ fields: [CSVField?], _ typeNames: [[UInt8]]) -> Result<ArchivedEventRow, RowFault> {
        if let version = fields[6] {
            // A later one may mean something else by the same names.
            guard let known = number(version[...]), (1...UInt64(EventReader.version)).contains(known) else {
                return .failure(.version)
            }
        }
        guard let id = fields[0].flatMap(streamID) else { return .failure(.streamID) }
        guard let user = fields[1], IdentifierRule.accepts(user) else { return .failure(.user) }
        guard let item = fields[2], IdentifierRule.accepts(item) else { return .failure(.item) }
        let found =
            if let name = fields[3] {
                typeNames.firstIndex { $0.elementsEqual(name) }
            } else {
                typeNames.firstIndex { $0.elementsEqual(EventTypes.view.utf8) }
            }
        guard let type = found else { return .failure(.eventType) }
        return timestampMs(fields[4], arrivedMs: Int64(clamping: id.milliseconds)).map { timestampMs in
            let event = EventRow(timestampMs: timestampMs, type: UInt8(type), user: user, item: item)
            return ArchivedEventRow(event: event, id: id, eventID: fields[5].flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    /// ``StreamID``'s own reading takes text, which costs more than all the rest of a line.
    private static func streamID(_ field: CSVField) -> StreamID? {
        let dash = field.firstIndex(of: UInt8(ascii: "-")) ?? field.endIndex
        guard let milliseconds = number(field[..<dash]) else { return nil }
        guard dash < field.endIndex else { return StreamID(milliseconds: milliseconds, sequence: 0) }
        return number(field[(dash + 1)...]).map { StreamID(milliseconds: milliseconds, sequence: $0) }
    }

    private static func number(_ digits: Slice<CSVField>) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeNow) = shifted.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !isTooLarge, !isTooLargeNow else { return nil }
            value = sum
        }
        return value
    }

    private static func timestampMs(_ field: CSVField?, arrivedMs: Int64) -> Result<Int64, RowFault> {
        var timestampMs = arrivedMs
        if let field {
            switch RowTimestamp(field) {
            case .milliseconds(let claimedMs):
                if claimedMs - StreamedEvent.clockSkewMaxMs <= arrivedMs { timestampMs = claimedMs }
            case .seconds: return .failure(.seconds)
            case .none: return .failure(.timestamp)
            }
        }
        let isPossible = (EventReader.timestampMinMs...EventReader.timestampMaxMs).contains(timestampMs)
        return isPossible ? .success(timestampMs) : .failure(.timestamp)
    }
}
