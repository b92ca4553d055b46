// CSV as it comes from an object store: bytes in chunks of any size. Rows are found by byte, without making strings,
// since a log has millions. A line is a row: a quoted field may hold commas but no line breaks, which none of our
// columns needs.

/// A column that a file has to have, or may have, under one of several names.
struct CSVColumn {
    let names: [String]
    let isRequired: Bool

    init(_ names: String..., isRequired: Bool = true) {
        self.names = names
        self.isRequired = isRequired
    }
}

/// A field's bytes, without its quotes. They stay valid until the next row.
typealias CSVField = UnsafeBufferPointer<UInt8>

/// Cuts chunks into rows and hands over the wanted columns of each, in the order in which they were asked for.
struct CSVReader {
    /// After so many rows a hopeless file is given up on, rather than at its end.
    private static let firstJudgementRows = 10_000

    /// What the file is called in errors.
    let file: String
    /// What became of the rows so far.
    private(set) var report = RowReport()

    private let columns: [CSVColumn]
    private let faultShareMax: Double
    private let allowsNoRows: Bool
    /// For each field of a row, which wanted column it is; -1 for one that nobody asked for. Empty before the header
    /// is read.
    private var columnOfField: [Int] = []
    private var lines = LineReader()

    init(file: String, columns: [CSVColumn], faultShareMax: Double, allowsNoRows: Bool) {
        self.file = file
        self.columns = columns
        self.faultShareMax = faultShareMax
        self.allowsNoRows = allowsNoRows
    }

    /// How many lines have been read, the header among them.
    var lineNumber: Int { lines.lineNumber }

    /// Reads a chunk; `row` says what is wrong with a row, or nil. An optional column that is missing has empty fields.
    mutating func read(_ chunk: [UInt8], row: ([CSVField]) -> RowFault?) throws(LearningError) {
        // The reader of lines calls back into this value, so it steps out of it meanwhile.
        var lines = LineReader()
        swap(&lines, &self.lines)
        defer { swap(&lines, &self.lines) }
        var fields = [CSVField](repeating: CSVField(start: nil, count: 0), count: columns.count)
        try lines.read(chunk, file: file) { line, number throws(LearningError) in
            try take(line, number, &fields, row)
        }
    }

    /// Reads what stands behind the last line break and judges the file as a whole.
    mutating func finish(row: ([CSVField]) -> RowFault?) throws(LearningError) -> RowReport {
        // A line break that the file's last line may lack.
        try read([UInt8(ascii: "\n")], row: row)
        guard !columnOfField.isEmpty else {
            throw LearningError(
                file: file, reason: "the file is empty; a header with \(Self.names(columns)) is expected")
        }
        guard allowsNoRows || report.rows > 0 else {
            throw LearningError(file: file, reason: "the file has a header but no rows")
        }
        try report.judge(file: file, shareMax: faultShareMax)
        return report
    }

    private mutating func take(
        _ line: CSVField, _ number: Int, _ fields: inout [CSVField], _ row: ([CSVField]) -> RowFault?
    ) throws(LearningError) {
        guard !line.isEmpty else { return }
        guard !columnOfField.isEmpty else { return try takeHeader(line, number) }
        report.rows += 1
        if let fault = split(line, &fields) ?? row(fields) { report.count(fault, line: number) }
        if report.rows == Self.firstJudgementRows { try report.judge(file: file, shareMax: faultShareMax) }
    }

    private mutating func takeHeader(_ line: CSVField, _ number: Int) throws(LearningError) {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = String(decoding: line.starts(with: byteOrderMark) ? line[3...] : line[...], as: UTF8.self)
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map { name in
            name.hasPrefix("\"") && name.hasSuffix("\"") && name.count > 1 ? name.dropFirst().dropLast() : name
        }
        columnOfField = [Int](repeating: -1, count: names.count)
        for (index, column) in columns.enumerated() {
            if let field = names.firstIndex(where: { column.names.contains(String($0)) }) {
                columnOfField[field] = index
            } else if column.isRequired {
                let name = column.names.joined(separator: " or ")
                throw LearningError(
                    file: file, line: number,
                    reason: "the column \(name) is missing; the header is `\(text.prefix(200))`")
            }
        }
    }

    /// Cuts a line at its commas; the wanted fields go to their places.
    private func split(_ line: UnsafeBufferPointer<UInt8>, _ fields: inout [CSVField]) -> RowFault? {
        var field = 0
        var start = 0
        while true {
            var end = start
            var content = start..<start
            if start < line.count, line[start] == UInt8(ascii: "\"") {
                guard let close = Self.closingQuote(line, from: start + 1) else { return .unclosedQuote }
                content = start + 1..<close
                end = close + 1
                guard end == line.count || line[end] == UInt8(ascii: ",") else { return .unclosedQuote }
            } else {
                while end < line.count, line[end] != UInt8(ascii: ",") { end += 1 }
                content = start..<end
            }
            guard field < columnOfField.count else { return .fieldCount }
            let column = columnOfField[field]
            if column >= 0 { fields[column] = UnsafeBufferPointer(rebasing: line[content]) }
            field += 1
            guard end < line.count else { break }
            start = end + 1
        }
        return field == columnOfField.count ? nil : .fieldCount
    }

    /// The quote that ends a field; a doubled one stands for a quote within it.
    private static func closingQuote(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < line.count {
            if line[index] == UInt8(ascii: "\"") {
                guard index + 1 < line.count, line[index + 1] == UInt8(ascii: "\"") else { return index }
                index += 1
            }
            index += 1
        }
        return nil
    }

    private static func names(_ columns: [CSVColumn]) -> String {
        columns.filter(\.isRequired).map { $0.names.joined(separator: "|") }.joined(separator: ", ")
    }
}
