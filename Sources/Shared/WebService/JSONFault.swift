// Where a text stops being JSON. The decoder does not say on Linux, so the text of a refused body is read once more,
// only to find the place.

/// The first place at which a text is not JSON.
struct JSONFault: Error, Equatable, CustomStringConvertible {
    /// From 1.
    let line: Int
    /// In bytes, from 1.
    let column: Int
    /// What is wrong there.
    let reason: String

    var description: String { "\(reason) at line \(line), column \(column)" }

    /// The first fault, or nil if the text is JSON as far as this reader can tell.
    static func first(in bytes: some Collection<UInt8>) -> JSONFault? {
        var reader = JSONFaultReader(bytes: Array(bytes))
        do throws(JSONFault) {
            try reader.readValue(depth: 0)
            try reader.readEnd()
            return nil
        } catch {
            return error
        }
    }
}

/// Reads JSON for its form alone.
private struct JSONFaultReader {
    /// As deep as the decoder goes.
    private static let depthMax = 512

    let bytes: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func readValue(depth: Int) throws(JSONFault) {
        guard depth < Self.depthMax else { throw fault("nested deeper than \(Self.depthMax) levels") }
        skipBlanks()
        guard let byte = current else { throw fault("the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): try readMembers(to: UInt8(ascii: "}"), depth: depth, withNames: true)
        case UInt8(ascii: "["): try readMembers(to: UInt8(ascii: "]"), depth: depth, withNames: false)
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readWord { _ in true }
        default: try readWord { ["true", "false", "null"].contains($0) }
        }
    }

    mutating func readEnd() throws(JSONFault) {
        skipBlanks()
        if current != nil { throw fault("something stands behind the value") }
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func fault(_ reason: String) -> JSONFault {
        let before = bytes[..<index]
        let newline = UInt8(ascii: "\n")
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        return JSONFault(line: before.count { $0 == newline } + 1, column: index - lineStart + 1, reason: reason)
    }

    private mutating func skipBlanks() {
        while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private mutating func expect(_ byte: UInt8, _ reason: String) throws(JSONFault) {
        skipBlanks()
        guard current == byte else { throw fault(reason) }
        index += 1
    }

    private mutating func readMembers(to end: UInt8, depth: Int, withNames: Bool) throws(JSONFault) {
        index += 1
        skipBlanks()
        if current == end {
            index += 1
            return
        }
        while true {
            skipBlanks()
            if withNames {
                guard current == UInt8(ascii: "\"") else { throw fault("a member's name in quotes is expected") }
                try readString()
                try expect(UInt8(ascii: ":"), "a colon is expected")
            }
            try readValue(depth: depth + 1)
            skipBlanks()
            if current == end {
                index += 1
                return
            }
            let bracket = Character(Unicode.Scalar(end))
            try expect(UInt8(ascii: ","), "a comma or \(bracket) is expected")
        }
    }

    private mutating func readString() throws(JSONFault) {
        index += 1
        while let byte = current, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fault("a control character stands in a string") }
            index += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard current != nil else {
            index = bytes.count
            throw fault("the text ends within a string")
        }
        index += 1
    }

    /// A number, `true`, `false` or `null`; a number's inside is the decoder's business.
    private mutating func readWord(_ accepts: (String) -> Bool) throws(JSONFault) {
        let word = bytes[index...].prefix { byte in
            (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
        }
        guard !word.isEmpty, accepts(String(decoding: word, as: UTF8.self)) else { throw fault("a value is expected") }
        index = word.endIndex
    }
}
