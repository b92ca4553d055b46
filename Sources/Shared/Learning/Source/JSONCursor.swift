// A walk through one JSON text (RFC 8259) in memory that may be changed: strings are resolved where they stand, since
// what an escape means is never longer than the escape.

/// Where a walk through a text has come to.
struct JSONCursor {
    /// Deeper nesting is no event's.
    private static let depthMax = 64

    private let text: UnsafeMutableBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeMutableBufferPointer<UInt8>) { self.text = text }

    /// A value's place in the text; an empty one that is no text stands for null and for what is nested.
    struct Value {
        let range: Range<Int>
        let isText: Bool
    }

    /// Reads a value; nil if there is none. What is nested is stepped over.
    mutating func readValue() -> Value? {
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
    mutating func readString() -> Range<Int>? {
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
                // Nothing moves until an escape has left room.
                if end < position - 1 { text[end] = byte }
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

    /// Whether this character comes next, blanks aside; if so, it is behind the cursor now.
    mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Steps over blanks.
    mutating func skipBlanks() {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
            default: return
            }
        }
    }

    /// Whether nothing but blanks follows.
    mutating func isAtEnd() -> Bool {
        skipBlanks()
        return position == text.count
    }
}
