// The text of sample files, built in chunks that a caller can stream away while the next is made.

/// Text on its way to a file, about 64 KiB at a time.
struct SampleChunk {
    private static let fullBytes = 65_536
    private static let rowMaxBytes = 256

    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(Self.fullBytes) }

    /// Whether another row would pass the chunk's size.
    var isFull: Bool { bytes.count > Self.fullBytes - Self.rowMaxBytes }

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends a number that is not negative.
    mutating func number(_ value: Int) {
        if value >= 10 { number(value / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
    }
}
