// Writes JSON straight into bytes. It is on the hot path of every answer, so it keeps no tree and no stack: one flag
// says whether the next value needs a comma before it.

package import NIOCore

/// Appends JSON to a byte array. The caller keeps the structure right: a key before each value of an object.
package struct JSONWriter: Sendable {
    /// What has been written.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// - Parameter capacity: bytes to reserve; a good guess saves the growing.
    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// What has been written, as a response body takes it.
    package var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    /// Writes `{`, what `body` writes, and `}`.
    @inlinable
    package mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        open(UInt8(ascii: "{"))
        try body(&self)
        close(UInt8(ascii: "}"))
    }

    /// Writes `[`, what `body` writes, and `]`.
    @inlinable
    package mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
        open(UInt8(ascii: "["))
        try body(&self)
        close(UInt8(ascii: "]"))
    }

    /// Ends a line of NDJSON: the next value starts anew.
    package mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// Writes a member's name; its value comes next.
    package mutating func key(_ name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string, escaped as RFC 8259 demands and no more.
    package mutating func string(_ value: String) {
        separate()
        appendQuoted(value)
    }

    /// Writes a string that is known to need no escaping, such as an identifier.
    package mutating func plainString(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes an identifier as the classic services do: as a number if it is one that every JSON reader keeps exactly
    /// (up to 15 digits, no leading zero), else as a string. The text must need no escaping.
    package mutating func numberOrPlainString(_ identifier: String) {
        guard Self.isExactInteger(identifier) else { return plainString(identifier) }
        separate()
        bytes.append(contentsOf: identifier.utf8)
    }

    /// Writes a whole number.
    package mutating func integer(_ value: some BinaryInteger) {
        separate()
        appendInteger(Int64(value))
    }

    /// Writes a number in the shortest form that reads back as the same Float; null if it is not finite.
    package mutating func number(_ value: Float) {
        separate()
        appendText(value.isFinite ? value.description : "null")
    }

    /// Writes a number in the shortest form that reads back as the same Double; null if it is not finite.
    package mutating func number(_ value: Double) {
        separate()
        appendText(value.isFinite ? value.description : "null")
    }

    /// Writes `true` or `false`.
    package mutating func bool(_ value: Bool) {
        separate()
        appendText(value ? "true" : "false")
    }

    /// Writes `null`.
    package mutating func null() {
        separate()
        appendText("null")
    }

    @usableFromInline
    mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    @usableFromInline
    mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func appendText(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// The digits are found backwards, so they go through a small array on the stack.
    private mutating func appendInteger(_ value: Int64) {
        var rest = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var digits: InlineArray<20, UInt8> = .init(repeating: UInt8(ascii: "0"))
        var first = 20
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in first..<20 { bytes.append(digits[index]) }
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy(Self.isPlain) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for byte in text.utf8 { appendEscaped(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): appendText("\\\"")
        case UInt8(ascii: "\\"): appendText("\\\\")
        case UInt8(ascii: "\n"): appendText("\\n")
        case UInt8(ascii: "\r"): appendText("\\r")
        case UInt8(ascii: "\t"): appendText("\\t")
        case 0..<0x20: appendText((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16))
        default: bytes.append(byte)
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func isExactInteger(_ text: String) -> Bool {
        let digits = text.utf8
        guard let first = digits.first, digits.count <= 15, digits.count == 1 || first != UInt8(ascii: "0") else {
            return false
        }
        return digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension JSONWriter {
    /// Writes a member with a string.
    package mutating func field(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes a member with a whole number.
    package mutating func field(_ name: String, _ value: some BinaryInteger) {
        key(name)
        integer(value)
    }

    /// Writes a member with a number.
    package mutating func field(_ name: String, _ value: Double) {
        key(name)
        number(value)
    }

    /// Writes a member with a number.
    package mutating func field(_ name: String, _ value: Float) {
        key(name)
        number(value)
    }

    /// Writes a member with `true` or `false`.
    package mutating func field(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }
}
