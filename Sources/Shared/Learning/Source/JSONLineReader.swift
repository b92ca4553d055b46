// The fields of one flat JSON object per line (RFC 8259), by name and without making a tree: of an archived event six
// fields count, and a later version may add any others. What is nested is stepped over.

/// Reads one object at a time into memory that it uses again.
struct JSONLineReader {
    /// Deeper nesting is no event's.
    private static let depthMax = 64

    private let names: [[UInt8]]
    private var text: [UInt8] = []
    private var position = 0
    /// Where each wanted field's text lies in `text`; nil for one that is missing or null.
    private var found: [Range<Int>?]

    /// `names` are the wanted fields.
    init(names: [String]) {
        self.names = names.map { Array($0.utf8) }
        found = [Range<Int>?](repeating: nil, count: names.count)
    }

    /// Hands over the wanted fields in the order of their names: a string's text, a number's or a truth value's
    /// spelling, nil where there is none. Of fields with the same name the last counts. False if the line is no object.
    mutating func read(_ line: CSVField, _ body: ([CSVField?]) -> Void) -> Bool {
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: line)
        position = 0
        for index in found.indices { found[index] = nil }
        guard readObject() else { return false }
        let found = found
        text.withUnsafeBufferPointer { text in
            body(found.map { range in range.map { UnsafeBufferPointer(rebasing: text[$0]) } })
        }
        return true
    }

    private mutating func readObject() -> Bool {
        guard takes("{") else { return false }
        if takes("}") { return isAtEnd() }
        repeat {
            skipBlanks()
            guard let key = readString(), takes(":") else { return false }
            let field = names.firstIndex { text[key].elementsEqual($0) }
            guard let value = readValue() else { return false }
            if let field { found[field] = value.isEmpty && !value.isText ? nil : value.range }
        } while takes(",")
        return takes("}") && isAtEnd()
    }

    /// A value's place in the text; an empty one that is no text stands for null and for what is nested.
    private struct Value {
        let range: Range<Int>
        let isText: Bool
        var isEmpty: Bool { range.isEmpty }
    }

    private mutating func readValue() -> Value? {
        skipBlanks()
        guard position < text.count else { return nil }
        switch text[position] {
        case UInt8(ascii: "\""): return readString().map { Value(range: $0, isText: true) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return skipNested() ? Value(range: position..<position, isText: false) : nil
        default:
            let start = position
            while position < text.count, Self.isWord(text[position]) { position += 1 }
            guard position > start else { return nil }
            let isNull = text[start..<position].elementsEqual("null".utf8)
            return Value(range: isNull ? start..<start : start..<position, isText: false)
        }
    }

    /// Letters, digits, signs and points: numbers and the three words.
    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Steps over an object or an array by its brackets; what stands between them is nobody's business here.
    private mutating func skipNested() -> Bool {
        var depth = 0
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                guard readString() != nil else { return false }
                continue
            default: break
            }
            position += 1
            if depth == 0 { return true }
            guard depth <= Self.depthMax else { return false }
        }
        return false
    }

    /// Reads a string and resolves its escapes where it stands, since what they mean is never longer than they are.
    private mutating func readString() -> Range<Int>? {
        guard position < text.count, text[position] == UInt8(ascii: "\"") else { return nil }
        position += 1
        let start = position
        var end = start
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return start..<end }
            if byte == UInt8(ascii: "\\") {
                guard let scalar = readEscape() else { return nil }
                for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    text[end] = unit
                    end += 1
                }
            } else {
                text[end] = byte
                end += 1
            }
        }
        return nil
    }

    private mutating func readEscape() -> Unicode.Scalar? {
        guard position < text.count else { return nil }
        let kind = text[position]
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return readCodePoint()
        default: return nil
        }
    }

    /// The four digits behind `\u`, and the second half of a pair; half a pair is the replacement character.
    private mutating func readCodePoint() -> Unicode.Scalar? {
        guard let first = readHexadecimal() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let behind = position
        if position + 1 < text.count, text[position] == UInt8(ascii: "\\"), text[position + 1] == UInt8(ascii: "u") {
            position += 2
            guard let second = readHexadecimal() else { return nil }
            if (0xDC00..<0xE000).contains(second) {
                return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
            }
            position = behind
        }
        return "\u{FFFD}"
    }

    private mutating func readHexadecimal() -> UInt32? {
        guard position + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for byte in text[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
            default: return
            }
        }
    }

    private mutating func isAtEnd() -> Bool {
        skipBlanks()
        return position == text.count
    }
}
