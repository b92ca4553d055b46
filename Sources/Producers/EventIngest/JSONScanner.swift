// Reads the JSON of event requests straight from bytes. A general decoder would not do: it loses the digits of large
// numbers, hides repeated keys, and stops at the first element that does not fit, where a producer wants all of them
// named.

/// Why a text is not JSON, and where.
struct JSONSyntaxError: Error, Equatable {
    /// Bytes from the beginning of the body.
    let offset: Int
    /// What stands there, or what is missing.
    let reason: String
}

/// A value within an event.
enum JSONScalar: Equatable {
    case string(String)
    /// A whole number, as its digits stand in the text.
    case integer(String)
    /// A number with a fraction or an exponent, as it stands in the text.
    case fraction(String)
    case bool(Bool)
    case null
    /// An array or an object, which has been skipped; what to call it.
    case nested(String)
}

/// Walks through JSON (RFC 8259). Nesting is followed with a counter instead of recursion, so depth costs no stack.
struct JSONScanner {
    /// The deepest nesting that is skipped; deeper is refused.
    static let depthMax = 64

    private let bytes: [UInt8]
    private let end: Int
    /// The next byte to be read.
    private(set) var offset: Int

    /// Scans a part of `bytes`; the whole, by default.
    init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
        self.bytes = bytes
        offset = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    /// The next byte behind white space; nil at the end.
    mutating func peek() -> UInt8? {
        while offset < end {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return bytes[offset]
            }
        }
        return nil
    }

    /// Reads `byte` if it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek(), byte == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// Reads a character that must come next.
    mutating func expect(_ character: Unicode.Scalar) throws(JSONSyntaxError) {
        guard take(character) else { throw error("expected '\(character)'") }
    }

    /// Checks that nothing is left but white space.
    mutating func expectEnd() throws(JSONSyntaxError) {
        if peek() != nil { throw error("expected the end") }
    }

    /// Reads a value; arrays and objects are checked and skipped.
    mutating func value() throws(JSONSyntaxError) -> JSONScalar {
        guard let first = peek() else { throw error("expected a value, but the text ends") }
        switch first {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"):
            try skipNested()
            return .nested("an object")
        case UInt8(ascii: "["):
            try skipNested()
            return .nested("an array")
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("expected a value")
        }
    }

    func error(_ reason: String) -> JSONSyntaxError { JSONSyntaxError(offset: offset, reason: reason) }

    private mutating func word(_ word: String, _ scalar: JSONScalar) throws(JSONSyntaxError) -> JSONScalar {
        guard offset + word.utf8.count <= end, bytes[offset..<end].starts(with: word.utf8) else {
            throw error("expected a value")
        }
        offset += word.utf8.count
        return scalar
    }

    // MARK: Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSONScalar {
        let start = offset
        if byte == UInt8(ascii: "-") { offset += 1 }
        if byte == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        var isWhole = true
        if byte == UInt8(ascii: ".") {
            isWhole = false
            offset += 1
            try digits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isWhole = false
            offset += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        return isWhole ? .integer(text) : .fraction(text)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = offset
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        if offset == start { throw error("expected a digit") }
    }

    private var byte: UInt8? { offset < end ? bytes[offset] : nil }

    // MARK: Strings

    /// Reads a string.
    mutating func string() throws(JSONSyntaxError) -> String {
        try expect("\"")
        let start = offset
        var decoded: [UInt8]?
        while let next = byte {
            switch next {
            case UInt8(ascii: "\""):
                let text =
                    decoded.map { String(validating: $0, as: UTF8.self) }
                    ?? String(validating: bytes[start..<offset], as: UTF8.self)
                guard let text else { throw JSONSyntaxError(offset: start, reason: "the string is not UTF-8") }
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                if decoded == nil { decoded = Array(bytes[start..<offset]) }
                let scalar = try escape()
                decoded?.append(contentsOf: String(Character(scalar)).utf8)
            case 0..<0x20: throw error("a control character in a string must be escaped")
            default:
                decoded?.append(next)
                offset += 1
            }
        }
        throw error("a string does not end")
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = offset
        offset += 1
        guard let letter = byte else { throw error("a string does not end") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONSyntaxError(offset: start, reason: "an unknown escape in a string")
        }
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), byte == UInt8(ascii: "\\") {
            offset += 1
            guard byte == UInt8(ascii: "u") else { throw error("half of a surrogate pair") }
            offset += 1
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        guard offset + 4 <= end, let digits = String(validating: bytes[offset..<(offset + 4)], as: UTF8.self),
            digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16)
        else { throw error("expected four hexadecimal digits") }
        offset += 4
        return code
    }

    // MARK: Nesting

    /// Skips an array or an object, checking it on the way.
    private mutating func skipNested() throws(JSONSyntaxError) {
        var closers: [Unicode.Scalar] = []
        repeat {
            guard closers.count < Self.depthMax else { throw error("nested more than \(Self.depthMax) deep") }
            if take("{") {
                closers.append("}")
                if peek() != UInt8(ascii: "}") {
                    try key()
                    continue
                }
            } else if take("[") {
                closers.append("]")
                if peek() != UInt8(ascii: "]") { continue }
            } else {
                _ = try value()
            }
            // A value has ended, or an empty array or object is about to.
            while let closer = closers.last, take(closer) { closers.removeLast() }
            if let closer = closers.last {
                guard take(",") else { throw error("expected ',' or '\(closer)'") }
                if closer == "}" { try key() }
            }
        } while !closers.isEmpty
    }

    private mutating func key() throws(JSONSyntaxError) {
        _ = try string()
        try expect(":")
    }
}
