// Lines out of chunks of any size, as CSV and NDJSON need them. A line is handed over in place, since a log has
// millions; only one that a chunk's end cuts in two is copied.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Cuts chunks at their line breaks, and numbers the lines.
struct LineReader {
    /// A longer line is no row of a log but a file of another kind.
    static let lineMaxBytes = 1 << 20

    /// How many lines have been handed over.
    private(set) var lineNumber = 0
    private var unfinishedLine: [UInt8] = []

    /// Hands over every line that ends in this chunk, without its line break, Windows' or other, and its number from 1.
    /// The bytes are valid only during the call. `file` is what an error names.
    mutating func read(
        _ chunk: [UInt8], file: String, line: (CSVField, Int) throws(LearningError) -> Void
    ) throws(LearningError) {
        try chunk.withUnsafeBufferPointer { bytes throws(LearningError) in
            var start = 0
            while let end = Self.lineEnd(bytes, from: start) {
                let found = UnsafeBufferPointer(rebasing: bytes[start..<end])
                start = end + 1
                if unfinishedLine.isEmpty {
                    try handOver(found, line)
                } else {
                    try handOverUnfinished(endingWith: found, file, line)
                }
            }
            try keep(bytes[start...], file)
        }
    }

    /// Hands over what stands behind the last line break.
    mutating func finish(
        file: String, line: (CSVField, Int) throws(LearningError) -> Void
    ) throws(LearningError) {
        if !unfinishedLine.isEmpty { try read([UInt8(ascii: "\n")], file: file, line: line) }
    }

    private static func lineEnd(_ bytes: CSVField, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private mutating func handOver(
        _ found: CSVField, _ line: (CSVField, Int) throws(LearningError) -> Void
    ) throws(LearningError) {
        lineNumber += 1
        let isWindowsLine = found.last == UInt8(ascii: "\r")
        try line(isWindowsLine ? UnsafeBufferPointer(rebasing: found.dropLast()) : found, lineNumber)
    }

    private mutating func handOverUnfinished(
        endingWith rest: CSVField, _ file: String, _ line: (CSVField, Int) throws(LearningError) -> Void
    ) throws(LearningError) {
        try keep(rest[...], file)
        var whole: [UInt8] = []
        swap(&whole, &unfinishedLine)
        try whole.withUnsafeBufferPointer { bytes throws(LearningError) in try handOver(bytes, line) }
        // The buffer is used again, so that small chunks do not allocate for each line.
        whole.removeAll(keepingCapacity: true)
        swap(&whole, &unfinishedLine)
    }

    private mutating func keep(_ rest: Slice<CSVField>, _ file: String) throws(LearningError) {
        guard unfinishedLine.count + rest.count <= Self.lineMaxBytes else {
            throw LearningError(
                file: file, line: lineNumber + 1, reason: "the line is longer than 1 MiB; is this a text file?")
        }
        unfinishedLine.append(contentsOf: rest)
    }
}
