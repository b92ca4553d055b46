// Takes a Swift text apart just far enough for the house rules: code, strings and comments. It knows nested comments,
// raw and multi-line strings and interpolations; it does not know regex literals, whose quotes end at the line's end.

/// A string literal of a Swift text. An interpolation inside it stands as `\()`.
struct StringLiteral: Sendable, Equatable {
    let text: String
    /// The line that it begins on, from 1.
    let line: Int
}

/// A Swift text with its parts told apart.
struct SwiftSource: Sendable {
    /// The text with comments and the insides of strings blanked out; lines and columns stay.
    let code: String
    /// The string literals in order of their ends.
    let literals: [StringLiteral]

    init(_ text: String) {
        var reader = SwiftSourceReader(text)
        while reader.readNext() {}
        code = String(decoding: reader.output, as: UTF8.self)
        literals = reader.literals
    }
}

/// Walks through a text once.
private struct SwiftSourceReader {
    private struct OpenString {
        let hashes: Int
        let isMultiline: Bool
        let line: Int
        var bytes: [UInt8] = []
        /// Parentheses open within the interpolation that is being read; nil outside one.
        var interpolationDepth: Int?
    }

    private(set) var output: [UInt8] = []
    private(set) var literals: [StringLiteral] = []
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    /// The strings that we are in; more than one where a string stands in another's interpolation.
    private var strings: [OpenString] = []

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Reads one thing; false at the end.
    mutating func readNext() -> Bool {
        guard index < bytes.count else { return false }
        if let open = strings.last, open.interpolationDepth == nil {
            readString(open)
        } else {
            readCode()
        }
        return true
    }

    private mutating func readString(_ open: OpenString) {
        let hashes = String(repeating: "#", count: open.hashes)
        let quotes = (open.isMultiline ? "\"\"\"" : "\"") + hashes
        let last = strings.count - 1
        if starts(quotes) {
            literals.append(StringLiteral(text: String(decoding: open.bytes, as: UTF8.self), line: open.line))
            strings.removeLast()
            move(quotes.utf8.count, keeping: true)
        } else if starts("\\\(hashes)(") {
            strings[last].bytes.append(contentsOf: "\\()".utf8)
            strings[last].interpolationDepth = 0
            move(2 + open.hashes, keeping: false)
        } else if starts("\\\(hashes)") {
            strings[last].bytes.append(contentsOf: bytes[index..<min(index + 2 + open.hashes, bytes.count)])
            move(2 + open.hashes, keeping: false)
        } else if bytes[index] == UInt8(ascii: "\n"), !open.isMultiline {
            // Not a string after all, but a quote in a regex literal.
            strings.removeLast()
        } else {
            let plain = 1 + bytes[(index + 1)...].prefix { !Self.endsStringText($0) }.count
            strings[last].bytes.append(contentsOf: bytes[index..<index + plain])
            move(plain, keeping: false)
        }
    }

    private mutating func readCode() {
        if starts("//") {
            move(bytes[index...].prefix { $0 != UInt8(ascii: "\n") }.count, keeping: false)
        } else if starts("/*") {
            move(blockCommentLength(), keeping: false)
        } else if let (hashes, isMultiline) = openingQuotes() {
            strings.append(OpenString(hashes: hashes, isMultiline: isMultiline, line: line))
            move(hashes + (isMultiline ? 3 : 1), keeping: true)
        } else {
            let byte = bytes[index]
            trackInterpolation(byte)
            // A parenthesis may have brought us back into a string.
            let isParenthesis = byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")")
            let plain = isParenthesis ? 0 : bytes[(index + 1)...].prefix { !Self.endsPlainCode($0) }.count
            move(1 + plain, keeping: true)
        }
    }

    private static func endsStringText(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n")
    }

    private static func endsPlainCode(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "#"), UInt8(ascii: "("), UInt8(ascii: ")"): true
        default: false
        }
    }

    private mutating func trackInterpolation(_ byte: UInt8) {
        guard let depth = strings.last?.interpolationDepth else { return }
        let last = strings.count - 1
        if byte == UInt8(ascii: "(") { strings[last].interpolationDepth = depth + 1 }
        if byte == UInt8(ascii: ")") { strings[last].interpolationDepth = depth == 0 ? nil : depth - 1 }
    }

    private func starts(_ word: String) -> Bool { bytes[index...].starts(with: word.utf8) }

    /// Goes on by so many bytes. What is not kept becomes blanks.
    private mutating func move(_ count: Int, keeping: Bool) {
        let moved = bytes[index..<min(index + count, bytes.count)]
        let newline = UInt8(ascii: "\n")
        if keeping {
            output.append(contentsOf: moved)
        } else {
            output.append(contentsOf: moved.map { $0 == newline ? $0 : UInt8(ascii: " ") })
        }
        line += moved.count { $0 == newline }
        index = moved.endIndex
    }

    private func openingQuotes() -> (hashes: Int, isMultiline: Bool)? {
        let hashes = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
        let rest = bytes[(index + hashes)...]
        guard rest.first == UInt8(ascii: "\"") else { return nil }
        return (hashes, rest.starts(with: "\"\"\"".utf8))
    }

    private func blockCommentLength() -> Int {
        var depth = 0
        var position = index
        repeat {
            let rest = bytes[position...]
            if rest.starts(with: "/*".utf8) {
                depth += 1
                position += 2
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < bytes.count
        return position - index
    }
}
