// The reader alone: any fragmentation gives the same replies, and hostile bytes end in an error, never in memory.

import NIOCore
import Testing

@testable import Redis

struct RESPReaderTests {
    private static let stream =
        "+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
        + "*3\r\n$1\r\nx\r\n*2\r\n:1\r\n*1\r\n+deep\r\n$-1\r\n+\r\n"
    private static let replies: [RESPValue] = [
        .simpleString("OK"), .error("ERR no"), .integer(-42), .bulk(ByteBuffer(string: "a\r\nbc")),
        .bulk(ByteBuffer()), .null, .null, .array([]),
        .array([
            .bulk(ByteBuffer(string: "x")), .array([.integer(1), .array([.simpleString("deep")])]), .null,
        ]),
        .simpleString(""),
    ]

    private func read(_ pieces: [Substring], limits: RESPLimits = RESPLimits()) throws -> [RESPValue] {
        let reader = try RESPReader(limits: limits)
        var replies: [RESPValue] = []
        for piece in pieces { try reader.read(ByteBuffer(substring: piece)) { replies.append($0) } }
        return replies
    }

    @Test func `a stream in one piece gives all replies`() throws {
        #expect(try read([Self.stream[...]]) == Self.replies)
    }

    @Test func `a stream cut at any byte gives the same replies`() throws {
        // CR LF is one Character, so the cuts are made in bytes.
        let bytes = Array(Self.stream.utf8)
        for cut in 0...bytes.count {
            let pieces = [bytes[..<cut], bytes[cut...]].map { Substring(decoding: $0, as: UTF8.self) }
            #expect(try read(pieces) == Self.replies, "cut at \(cut)")
        }
    }

    @Test func `a stream byte by byte gives the same replies`() throws {
        #expect(try read(Self.stream.utf8.map { Substring(decoding: [$0], as: UTF8.self) }) == Self.replies)
    }

    @Test func `payloads of many sizes arrive whole behind one another`() throws {
        let sizes = [0, 1, 1_023, 8_191, 8_192, 8_193, 65_536, 65_537, 300_000]
        let payloads = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) } }
        var stream = ByteBuffer()
        for payload in payloads {
            stream.writeString("*2\r\n$\(payload.count)\r\n")
            stream.writeBytes(payload)
            stream.writeString("\r\n:\(payload.count)\r\n")
        }
        let reader = try RESPReader()
        var replies: [RESPValue] = []
        while var piece = stream.readSlice(length: min(10_007, stream.readableBytes)), piece.readableBytes > 0 {
            try reader.read(piece) { replies.append($0) }
            piece.clear()
        }
        #expect(
            replies == payloads.map { .array([.bulk(ByteBuffer(bytes: $0)), .integer($0.count)]) })
    }

    @Test(arguments: [
        "hello\r\n", "$abc\r\n", "$-2\r\n", "*-2\r\n", "*99999999999\r\n", ":x\r\n", "\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
        String(repeating: "*1\r\n", count: 9) + ":1\r\n", "$9223372036854775808\r\n", "*2147483647\r\n",
    ])
    func `bytes that are not RESP are refused`(_ bytes: String) throws {
        let error = #expect(throws: RedisError.self) { try read([bytes[...]]) }
        #expect(error?.code == .protocolViolation)
    }

    @Test func `seven levels of nesting are read`() throws {
        let replies = try read([Substring(String(repeating: "*1\r\n", count: 7) + ":1\r\n")])
        var expected = RESPValue.integer(1)
        for _ in 0..<7 { expected = .array([expected]) }
        #expect(replies == [expected])
    }

    @Test func `a reply beyond the limits is refused`() throws {
        var limits = RESPLimits()
        limits.replyByteCountMax = 100_000
        limits.replyValueCountMax = 100
        limits.lineByteCountMax = 1_000
        let filler = String(repeating: "x", count: 60_000)
        for stream in [
            // One payload that is too long, two that are so together, a line without an end, and two kinds of too many.
            "$100001\r\n" + filler + filler, "*2\r\n$60000\r\n\(filler)\r\n$60000\r\n\(filler)\r\n", "+" + filler,
            "$" + String(repeating: "1", count: 2_000), "*101\r\n",
            "*60\r\n" + String(repeating: "*1\r\n:1\r\n", count: 60),
        ] {
            let error = #expect(throws: RedisError.self, "\(stream.prefix(12))") {
                try read([stream[...]], limits: limits)
            }
            #expect(error?.code == .protocolViolation)
        }
        #expect(try read(["$60000\r\n\(filler)\r\n"], limits: limits).count == 1)
    }
}
