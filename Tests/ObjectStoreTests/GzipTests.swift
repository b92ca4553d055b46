// Compression against itself, against gzip files made elsewhere, and against damage.

import Testing

@testable import ObjectStore

@Suite struct GzipTests {
    /// `printf 'hello\n' | gzip -n`
    private static let hello: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7,
        0x02, 0x00, 0x20, 0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00,
    ]

    /// Bytes that compress somewhat, the same in every run.
    private static func sample(count: Int) -> [UInt8] {
        var state: UInt32 = 1
        return (0..<count).map { index in
            state = state &* 1_664_525 &+ 1_013_904_223
            return index % 3 == 0 ? UInt8(truncatingIfNeeded: state >> 24) : UInt8(ascii: "x")
        }
    }

    private static func chunks(_ bytes: [UInt8], of count: Int) -> AsyncStream<[UInt8]> {
        AsyncStream { continuation in
            for start in stride(from: 0, to: bytes.count, by: count) {
                continuation.yield(Array(bytes[start..<min(start + count, bytes.count)]))
            }
            continuation.finish()
        }
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 3_000_000])
    func `what was compressed in pieces comes back, and in the same bytes each time`(_ count: Int) throws {
        let bytes = Self.sample(count: count)
        var gzip = Gzip()
        var compressed: [UInt8] = []
        for start in stride(from: 0, to: count, by: 10_000) {
            compressed += gzip.compress(Array(bytes[start..<min(start + 10_000, count)]))
        }
        compressed += gzip.finish()
        #expect(try Gunzip.decompress(compressed, bytesMax: count) == bytes)
        #expect(Gzip.compress(bytes) == compressed)
        #expect(Array(compressed[4..<8]) == [0, 0, 0, 0], "the time in the header")
    }

    @Test func `a file made by gzip is read, at every division into chunks`() async throws {
        for count in 1...Self.hello.count {
            var output: [UInt8] = []
            for try await piece in Self.chunks(Self.hello, of: count).gunzipped() { output += piece }
            #expect(output == Array("hello\n".utf8))
        }
    }

    @Test func `members that follow one another are one content`() async throws {
        let bytes = Self.sample(count: 500_000)
        let compressed = Gzip.compress(bytes) + Self.hello + Gzip.compress([]) + Self.hello
        let expected = bytes + Array("hello\nhello\n".utf8)
        #expect(try Gunzip.decompress(compressed, bytesMax: expected.count) == expected)
        for count in [7, 4096] {
            var output: [UInt8] = []
            for try await piece in Self.chunks(compressed, of: count).gunzipped() { output += piece }
            #expect(output == expected)
        }
    }

    @Test func `a small input that expands a thousandfold comes in bounded pieces`() async throws {
        let count = 50_000_000
        let compressed = Gzip.compress([UInt8](repeating: 0, count: count))
        var total = 0
        for try await piece in Self.chunks(compressed, of: compressed.count).gunzipped() {
            #expect(piece.count <= Gunzip.pieceBytes)
            total += piece.count
        }
        #expect(total == count)
        #expect(throws: GzipError.tooLarge(bytesMax: 1000)) {
            try Gunzip.decompress(compressed, bytesMax: 1000)
        }
    }

    @Test func `no bytes at all are an error`() async {
        #expect(throws: GzipError.empty) { try Gunzip.decompress([], bytesMax: 10) }
        await #expect(throws: GzipError.empty) {
            for try await _ in Self.chunks([], of: 1).gunzipped() {}
        }
    }

    @Test func `a file cut anywhere is an error`() {
        for count in 1..<Self.hello.count {
            #expect(throws: GzipError.truncated, "cut at \(count)") {
                try Gunzip.decompress(Array(Self.hello[..<count]), bytesMax: 10)
            }
        }
        #expect(throws: GzipError.truncated) {
            try Gunzip.decompress(Self.hello + Self.hello.prefix(15), bytesMax: 100)
        }
    }

    @Test func `damage is an error`() {
        for index in [0, 1, 2, 18, 19, 22] {
            var damaged = Self.hello
            damaged[index] ^= 0x40
            #expect("byte \(index)") { try Gunzip.decompress(damaged, bytesMax: 100) } throws: { error in
                guard case GzipError.corrupted = error else { return false }
                return true
            }
        }
        #expect(throws: GzipError.self) { try Gunzip.decompress(Self.hello + Array("tail".utf8), bytesMax: 100) }
        #expect(throws: GzipError.self) { try Gunzip.decompress(Array("user_id,item_id\n".utf8), bytesMax: 100) }
    }
}
