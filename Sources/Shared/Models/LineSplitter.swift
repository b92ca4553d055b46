// From chunks of bytes to lines, whatever the chunks' borders are.

/// Splits text into lines; a carriage return before the line feed does not belong to the line.
package struct LineSplitter {
    /// A longer line is no CSV of ours, in bytes.
    package static let lineBytesMax = 65_536

    private var carried: [UInt8] = []
    /// The number of the line handed out last, from 1.
    package private(set) var lineNumber = 0

    package init() {}

    /// Hands out the lines that end in this chunk, each with its number.
    /// - Throws: ``LineTooLong``, and what `body` throws.
    package mutating func feed(_ chunk: [UInt8], _ body: (Span<UInt8>, Int) throws -> Void) throws {
        var start = 0
        for index in chunk.indices where chunk[index] == UInt8(ascii: "\n") {
            if carried.isEmpty {
                try hand(chunk.span.extracting(start..<index), body)
            } else {
                let line = carried + chunk[start..<index]
                carried.removeAll(keepingCapacity: true)
                try hand(line.span, body)
            }
            start = index + 1
        }
        carried += chunk[start...]
        guard carried.count <= Self.lineBytesMax else {
            throw LineTooLong(lineNumber: lineNumber + 1)
        }
    }

    /// Hands out what stands behind the last line feed.
    package mutating func finish(_ body: (Span<UInt8>, Int) throws -> Void) throws {
        guard !carried.isEmpty else { return }
        let line = carried
        carried = []
        try hand(line.span, body)
    }

    private mutating func hand(_ line: Span<UInt8>, _ body: (Span<UInt8>, Int) throws -> Void) throws {
        lineNumber += 1
        let hasReturn = !line.isEmpty && line[line.count - 1] == UInt8(ascii: "\r")
        try body(line.extracting(0..<(hasReturn ? line.count - 1 : line.count)), lineNumber)
    }
}

/// A line that no file of ours has.
package struct LineTooLong: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which one, from 1.
    package let lineNumber: Int

    package var description: String { "line \(lineNumber) is longer than \(LineSplitter.lineBytesMax) bytes" }
}
