// As much XML as S3 answers consist of: elements, text, entities, CDATA, comments. Attributes are skipped and
// document types refused, so nothing in an answer can make the parser fetch, expand or recurse.

/// Reads XML a token at a time.
struct XMLPullParser {
    enum Token: Equatable {
        case start(String)
        case end(String)
        case text(String)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let depthMax = 32

    private let bytes: [UInt8]
    private var position = 0
    private var openNames: [String] = []
    /// The end that follows at once after an element of the form `<Name/>`.
    private var pendingEnd: String?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next token, nil at the end of a complete document.
    mutating func next() throws(Failure) -> Token? {
        if let name = pendingEnd {
            pendingEnd = nil
            return .end(name)
        }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                let text = try text()
                if !openNames.isEmpty { return .text(text) }
            } else if skip("<?") {
                try skipPast("?>")
            } else if skip("<!--") {
                try skipPast("-->")
            } else if skip("<![CDATA[") {
                let start = position
                try skipPast("]]>")
                return .text(try string(bytes[start..<position - 3]))
            } else if skip("<!") {
                throw Failure(description: "a document type, which an S3 answer does not have")
            } else if skip("</") {
                return try endTag()
            } else {
                position += 1
                return try startTag()
            }
        }
        guard openNames.isEmpty else {
            throw Failure(description: "the document ends inside <\(openNames.joined(separator: "><"))>")
        }
        return nil
    }

    /// Calls `visit` at the end of every element with the names from the root to it and its own text.
    static func walk(
        _ bytes: [UInt8],
        _ visit: (_ path: [String], _ text: String) throws -> Void
    ) throws {
        var parser = XMLPullParser(bytes)
        var path: [String] = []
        var text = ""
        var elementCount = 0
        while let token = try parser.next() {
            switch token {
            case .start(let name):
                path.append(name)
                text = ""
                elementCount += 1
            case .text(let more):
                text += more
            case .end:
                try visit(path, text)
                path.removeLast()
                text = ""
            }
        }
        guard elementCount > 0 else { throw Failure(description: "no element at all") }
    }

    private mutating func startTag() throws(Failure) -> Token {
        let name = try name()
        guard openNames.count < Self.depthMax else { throw Failure(description: "elements nest too deep") }
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                if bytes[position - 2] == UInt8(ascii: "/") {
                    pendingEnd = name
                } else {
                    openNames.append(name)
                }
                return .start(name)
            }
        }
        throw Failure(description: "the document ends inside a tag")
    }

    private mutating func endTag() throws(Failure) -> Token {
        let name = try name()
        try skipPast(">")
        guard openNames.popLast() == name else { throw Failure(description: "</\(name)> closes nothing") }
        return .end(name)
    }

    /// An element's name without its namespace prefix.
    private mutating func name() throws(Failure) -> String {
        let start = position
        while position < bytes.count, !" \t\r\n/>".utf8.contains(bytes[position]) { position += 1 }
        let name = try string(bytes[start..<position])
        guard !name.isEmpty else { throw Failure(description: "a tag without a name") }
        return name.split(separator: ":").last.map(String.init) ?? name
    }

    private mutating func text() throws(Failure) -> String {
        var decoded: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "&") {
                decoded += try entity().utf8
            } else {
                decoded.append(byte)
            }
        }
        return try string(decoded[...])
    }

    private mutating func entity() throws(Failure) -> String {
        let start = position
        try skipPast(";")
        let name = try string(bytes[start..<position - 1])
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let isHexadecimal = name.hasPrefix("#x")
            let digits = name.dropFirst(isHexadecimal ? 2 : 1)
            guard name.hasPrefix("#"), let code = UInt32(digits, radix: isHexadecimal ? 16 : 10),
                let scalar = Unicode.Scalar(code)
            else { throw Failure(description: "unknown entity '&\(name.prefix(16));'") }
            return String(Character(scalar))
        }
    }

    private func string(_ slice: ArraySlice<UInt8>) throws(Failure) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw Failure(description: "not UTF-8") }
        return text
    }

    private mutating func skip(_ prefix: StaticString) -> Bool {
        let isThere = prefix.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isThere { position += prefix.utf8CodeUnitCount }
        return isThere
    }

    private mutating func skipPast(_ end: StaticString) throws(Failure) {
        while position < bytes.count {
            if skip(end) { return }
            position += 1
        }
        throw Failure(description: "the document ends before '\(end)'")
    }
}
