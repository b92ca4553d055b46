// Writes commands as RESP arrays of bulk strings, many behind one another, straight into one buffer.
// The number of arguments is filled in when a command ends, so a command never has to count what it will write.

package import NIOCore

/// The buffer that commands write their arguments into.
package struct CommandEncoder {
    private(set) var buffer: ByteBuffer
    private var headerIndex = 0
    private var argumentCount = 0

    /// Room for `*9\r\n`: one digit, since most commands have fewer than ten arguments; the rest is moved up.
    private static let headerByteCount = 4
    /// `$`, at most 19 digits, and two line ends.
    private static let bulkOverheadByteCount = 24

    init(capacity: Int = 256) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Opens a command and writes its name; a name of two words is two arguments.
    mutating func begin(_ name: String) {
        headerIndex = buffer.writerIndex
        argumentCount = 0
        buffer.writeInteger(UInt32(0))
        var name = name
        name.withUTF8 { bytes in
            guard let space = bytes.firstIndex(of: UInt8(ascii: " ")) else {
                return writeBulk(UnsafeRawBufferPointer(bytes))
            }
            writeBulk(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<space])))
            writeBulk(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[(space + 1)...])))
        }
    }

    /// Closes the command: fills in the number of arguments.
    mutating func end() {
        if argumentCount < 10 {
            // The four bytes `*0` CR LF with the digit added in its place.
            buffer.setInteger(UInt32(0x2A30_0D0A) + UInt32(argumentCount) << 16, at: headerIndex)
            return
        }
        let header = Array("*\(argumentCount)\r\n".utf8)
        let bodyIndex = headerIndex + Self.headerByteCount
        let bodyByteCount = buffer.writerIndex - bodyIndex
        let shift = header.count - Self.headerByteCount
        buffer.writeRepeatingByte(0, count: shift)
        buffer.withVeryUnsafeMutableBytes { bytes in
            guard let body = bytes.baseAddress?.advanced(by: bodyIndex) else { return }
            body.advanced(by: shift).copyMemory(from: body, byteCount: bodyByteCount)
        }
        buffer.setBytes(header, at: headerIndex)
    }

    /// Writes one argument.
    package mutating func write(_ argument: RedisArgument) {
        switch argument {
        case .string(let text): write(text)
        case .bytes(let bytes): write(bytes)
        case .buffer(let bytes): write(bytes)
        case .integer(let number): write(number)
        case .double(let number): write("\(number)")
        }
    }

    /// Writes text as UTF-8.
    package mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { writeBulk(UnsafeRawBufferPointer($0)) }
    }

    /// Writes bytes as they are.
    package mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { writeBulk($0) }
    }

    /// Writes a buffer's readable bytes.
    package mutating func write(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { writeBulk($0) }
    }

    /// Writes an integer in decimal.
    package mutating func write(_ number: Int) {
        withUnsafeTemporaryAllocation(byteCount: Self.bulkOverheadByteCount, alignment: 1) { scratch in
            var end = 0
            if number < 0 {
                scratch[0] = UInt8(ascii: "-")
                end = 1
            }
            end = Self.writeDecimal(number.magnitude, into: scratch, at: end)
            writeBulk(UnsafeRawBufferPointer(rebasing: scratch[..<end]))
        }
    }

    /// Writes several texts, one argument each.
    package mutating func write(contentsOf texts: [String]) {
        for text in texts { write(text) }
    }

    /// Writes several arguments.
    package mutating func write(contentsOf arguments: [RedisArgument]) {
        for argument in arguments { write(argument) }
    }

    private mutating func writeBulk(_ bytes: UnsafeRawBufferPointer) {
        argumentCount += 1
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + Self.bulkOverheadByteCount) { out in
            out[0] = UInt8(ascii: "$")
            var end = Self.writeDecimal(UInt(bytes.count), into: out, at: 1)
            end = Self.writeLineEnd(into: out, at: end)
            if !bytes.isEmpty {
                UnsafeMutableRawBufferPointer(rebasing: out[end..<(end + bytes.count)]).copyMemory(from: bytes)
            }
            return Self.writeLineEnd(into: out, at: end + bytes.count)
        }
    }

    private static func writeLineEnd(into out: UnsafeMutableRawBufferPointer, at index: Int) -> Int {
        out[index] = 0x0D
        out[index + 1] = 0x0A
        return index + 2
    }

    private static func writeDecimal(_ number: UInt, into out: UnsafeMutableRawBufferPointer, at index: Int) -> Int {
        var digits = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = number
        for place in stride(from: index + digits - 1, through: index, by: -1) {
            out[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return index + digits
    }
}
