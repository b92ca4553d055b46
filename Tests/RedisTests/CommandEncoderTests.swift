// What commands look like on the wire, byte for byte.

import NIOCore
import Testing

@testable import Redis

struct CommandEncoderTests {
    private func wire(_ command: some RedisCommand) -> String {
        String(buffer: EncodedPipeline(command).bytes)
    }

    @Test func `a command is an array of bulk strings`() {
        #expect(wire(PING()) == "*1\r\n$4\r\nPING\r\n")
        #expect(wire(GET("ключ")) == "*2\r\n$3\r\nGET\r\n$8\r\nключ\r\n")
        #expect(wire(XGROUPCREATE("s", group: "g")).hasPrefix("*6\r\n$6\r\nXGROUP\r\n$6\r\nCREATE\r\n$1\r\ns\r\n"))
    }

    @Test func `arguments of every type are written in decimal or as they are`() {
        let arguments: [RedisArgument] = [
            .string("a"), .bytes([0, 13, 10, 255]), .buffer(ByteBuffer(string: "b")), .integer(.min), .integer(0),
            .integer(.max), .double(-0.5),
        ]
        let bytes = EncodedPipeline(RawCommand("X", arguments)).bytes
        let expected =
            Array("*8\r\n$1\r\nX\r\n$1\r\na\r\n$4\r\n".utf8) + [0, 13, 10, 255]
            + Array("\r\n$1\r\nb\r\n$20\r\n-9223372036854775808\r\n$1\r\n0\r\n$19\r\n9223372036854775807\r\n".utf8)
            + Array("$4\r\n-0.5\r\n".utf8)
        #expect(Array(buffer: bytes) == expected)
    }

    @Test(arguments: [1, 8, 9, 10, 98, 99, 100, 1_000, 100_000])
    func `any number of arguments is counted right`(_ count: Int) {
        var builder = EncodedPipeline.Builder(commandCount: 2)
        builder.append(PING())
        builder.append(DEL((0..<count).map { _ in "k" }))
        builder.append(PING())
        let body = String(repeating: "$1\r\nk\r\n", count: count)
        let ping = "*1\r\n$4\r\nPING\r\n"
        #expect(
            String(buffer: builder.finish().bytes) == ping + "*\(count + 1)\r\n$3\r\nDEL\r\n" + body + ping)
    }

    @Test func `picking keeps the commands at the places asked for`() {
        var builder = EncodedPipeline.Builder(commandCount: 3)
        for key in ["a", "b", "c"] { builder.append(GET(key)) }
        let picked = builder.finish().picking([0, 2])
        #expect(String(buffer: picked.bytes) == wire(GET("a")) + wire(GET("c")))
        #expect(picked.parts.count == 2)
        #expect(picked.picking([1]).bytes == EncodedPipeline(GET("c")).bytes)
    }
}
