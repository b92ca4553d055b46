// From chunks of bytes to lines, whatever the chunks' borders are.

/// Splits text into lines; a carriage return before the line feed does not belong to the line.
struct LineSplitter {
    /// A longer line is no CSV of ours.
    static let lineBytesMax = 65_536

    private var carried: [UInt8] = []
    /// The number of the line handed out last, from 1.
    private(set) var lineNumber = 0

    /// Hands out the lines that end in this chunk.
    mutating func feed(_ chunk: [UInt8], _ body: (Span<UInt8>, Int) throws -> Void) throws {
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
            throw ReleaseFault("line \(lineNumber + 1) is longer than \(Self.lineBytesMax) bytes")
        }
    }

    /// Hands out what stands behind the last line feed.
    mutating func finish(_ body: (Span<UInt8>, Int) throws -> Void) throws {
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

/// Why a release cannot become a generation. Loading it again as it is would fail again.
struct ReleaseFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
