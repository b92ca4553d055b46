// What became of a file's rows. A broken row is passed over and counted; a file with too many is not what it claims to
// be.

/// What can be wrong with a row; the raw value is what a person reads.
package enum RowFault: String, Error, CaseIterable, Sendable {
    case fieldCount = "the number of fields differs from the header's"
    case unclosedQuote = "a quoted field does not end on its line, or something follows its closing quote"
    case timestamp = "the timestamp is not a Unix time in milliseconds"
    case seconds = "the timestamp looks like seconds; multiply by 1000, milliseconds are expected"
    case user = "the user id is not 1 to 64 bytes of A-Z a-z 0-9 _ . : @ -"
    case item = "the item id is not 1 to 64 bytes of A-Z a-z 0-9 _ . : @ -"
    case eventType = "the event type is not a configured one"
    case category = "the category id is not 1 to 64 bytes of A-Z a-z 0-9 _ . : @ -"
    case availability = "the value of `available` is neither 0 nor 1"
    case number = "the value of the numeric property is no finite number, with or without an n before it"
    case json = "the line is not one JSON object"
    case version = "the field v is not a schema version that this build understands"
    case streamID = "the field id is not a stream id such as 1700000000000-0"
}

/// How many rows a file had, and which of them could not be used.
package struct RowReport: Hashable, Sendable {
    /// How many line numbers are kept for each fault.
    package static let linesMax = 5

    /// Rows below the header, blank lines aside.
    package internal(set) var rows = 0
    /// Unusable rows by what is wrong with them.
    package private(set) var faults: [RowFault: Int] = [:]
    /// The lines, counted from 1, of the first few rows with each fault.
    package private(set) var lines: [RowFault: [Int]] = [:]

    package init() {}

    /// Unusable rows in all.
    package var faultyRows: Int { faults.values.reduce(0, +) }

    mutating func count(_ fault: RowFault, line: Int) {
        faults[fault, default: 0] += 1
        if lines[fault, default: []].count < Self.linesMax { lines[fault, default: []].append(line) }
    }

    /// An error that names the most frequent fault, if more than `shareMax` of the rows are unusable.
    func judge(file: String, shareMax: Double) throws(LearningError) {
        guard Double(faultyRows) > shareMax * Double(rows) else { return }
        // Equally frequent faults are named in the order in which they are declared, so that the text is always the
        // same.
        let worst = RowFault.allCases.max { faults[$0, default: 0] < faults[$1, default: 0] } ?? .fieldCount
        throw LearningError(
            file: file, line: lines[worst]?.first,
            reason: "\(worst.rawValue) (\(faults[worst, default: 0]) such rows; "
                + "\(faultyRows) of \(rows) rows are unusable)")
    }
}
