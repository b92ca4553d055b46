// A stream entry as a line of JSON, with nothing lost: an object with the entry's id and its fields. What an object
// cannot hold by a name of its own (a name twice, a field called `id`) stands in the list `_fields`; of an entry that
// is not text all fields stand there, since its readers refuse it as a whole.

import Models
import NIOCore
import Stores

/// Writes lines of the archive.
enum ArchivedLine {
    private static let idName = ByteBuffer(string: "id")
    private static let listName = ByteBuffer(string: "_fields")
    /// Up to so many fields, looking through the names before a name is quicker than a set of them.
    private static let fieldsFewMax = 16

    /// Appends an entry's line.
    static func append(_ entry: RawEntry, to text: inout [UInt8]) {
        text += #"{"id":""#.utf8
        text += entry.id.description.utf8
        text.append(UInt8(ascii: "\""))
        var members = entry.fields
        var listed: [(name: ByteBuffer, value: ByteBuffer)] = []
        if !entry.fields.allSatisfy({ isText($0.name) && isText($0.value) }) {
            (members, listed) = ([], members)
        } else if !hasPlainNames(entry.fields) {
            var names: Set<ByteBuffer> = [idName, listName]
            members = []
            for field in entry.fields {
                if names.insert(field.name).inserted { members.append(field) } else { listed.append(field) }
            }
        }
        for field in members {
            text.append(UInt8(ascii: ","))
            appendString(field.name, to: &text)
            text.append(UInt8(ascii: ":"))
            appendString(field.value, to: &text)
        }
        if !listed.isEmpty { appendList(listed, to: &text) }
        text += "}\n".utf8
    }

    private static func hasPlainNames(_ fields: [(name: ByteBuffer, value: ByteBuffer)]) -> Bool {
        guard fields.count <= fieldsFewMax else { return false }
        for (place, field) in fields.enumerated() {
            guard field.name != idName, field.name != listName else { return false }
            for earlier in fields[..<place] where earlier.name == field.name { return false }
        }
        return true
    }

    private static func appendList(
        _ fields: [(name: ByteBuffer, value: ByteBuffer)], to text: inout [UInt8]
    ) {
        text += #","_fields":["#.utf8
        for (place, field) in fields.enumerated() {
            text += (place == 0 ? "[" : ",[").utf8
            appendAnything(field.name, to: &text)
            text.append(UInt8(ascii: ","))
            appendAnything(field.value, to: &text)
            text.append(UInt8(ascii: "]"))
        }
        text.append(UInt8(ascii: "]"))
    }

    /// Text as a string, other bytes as `{"base64": "…"}`.
    private static func appendAnything(_ bytes: ByteBuffer, to text: inout [UInt8]) {
        guard !isText(bytes) else { return appendString(bytes, to: &text) }
        text += #"{"base64":""#.utf8
        appendBase64(bytes.readableBytesView, to: &text)
        text += #""}"#.utf8
    }

    private static func isText(_ bytes: ByteBuffer) -> Bool {
        let view = bytes.readableBytesView
        return view.allSatisfy { $0 < 0x80 } || String(validating: view, as: UTF8.self) != nil
    }

    private static func appendString(_ bytes: ByteBuffer, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        let view = bytes.readableBytesView
        if view.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            text += view
        } else {
            for byte in view { appendEscaped(byte, to: &text) }
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): text += #"\n"#.utf8
        case UInt8(ascii: "\r"): text += #"\r"#.utf8
        case UInt8(ascii: "\t"): text += #"\t"#.utf8
        case 0..<0x20:
            text += #"\u00"#.utf8
            text.append(contentsOf: [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]])
        default: text.append(byte)
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
    private static let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// RFC 4648, with padding.
    private static func appendBase64(_ bytes: ByteBufferView, to text: inout [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = Array(rest.prefix(3))
            rest = rest.dropFirst(3)
            let word = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32($1 < group.count ? group[$1] : 0) }
            for digit in 0..<4 {
                let isFilled = digit <= group.count
                text.append(isFilled ? base64Digits[Int(word >> (18 - 6 * UInt32(digit)) & 63)] : UInt8(ascii: "="))
            }
        }
    }
}
