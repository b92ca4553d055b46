// What clients do that no client should: each case must end in an answer with a reason or in a closed connection, and
// the service must serve the next one.

import Testing
import WebService

@Suite(.timeLimit(.minutes(1))) struct HostileClientTests {
    /// Nothing ends by the clock, so what ends has been ended.
    private static let patient: ServiceLimits = {
        var limits = ServiceLimits.standard
        limits.bodyTimeoutMs = 600_000
        limits.lingerTimeoutMs = 600_000
        return limits
    }()

    @Test func `pipelined requests are answered in their order`() async throws {
        try await SampleService.withPort { port in
            let requests = (0..<50).map { "GET /echo/word-\($0)- HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            let answer = try await RawConnection.exchange(port: port, [requests], untilText: "word-49-")
            let words = answer.text.matches(of: /"word-(\d+)-"/).map { String($0.1) }
            #expect(words == (0..<50).map(String.init))
        }
    }

    @Test func `a body with too large a Content-Length is answered 413 in full and the connection closes`() async throws
    {
        try await SampleService.withPort(limits: Self.patient) { port in
            let megabyte = String(repeating: "x", count: 1 << 20)
            let head = "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: \(10 << 20)\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, [head] + Array(repeating: megabyte, count: 10))
            #expect(answer.isClosed)
            #expect(answer.isAllSent)
            #expect(answer.statuses == ["413"])
            #expect(answer.text.lowercased().contains("connection: close"))
            #expect(answer.text.contains("larger than 1048576 bytes"))
        }
    }

    @Test func `a chunked body that grows too large is answered 413 in full and the connection closes`() async throws {
        try await SampleService.withPort(limits: Self.patient) { port in
            let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
            let head = "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, [head] + Array(repeating: chunk, count: 160))
            #expect(answer.isClosed)
            #expect(answer.isAllSent)
            #expect(answer.statuses == ["413"])
            #expect(answer.text.contains("larger than 1048576 bytes"))
        }
    }

    @Test func `a refused body without end is cut off`() async throws {
        var limits = Self.patient
        limits.lingerBytesMax = 1 << 20
        try await SampleService.withPort(limits: limits) { port in
            let head = "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: \(100 << 20)\r\n\r\n"
            let megabyte = String(repeating: "x", count: 1 << 20)
            let answer = try await RawConnection.exchange(port: port, [head] + Array(repeating: megabyte, count: 100))
            #expect(answer.isClosed)
            #expect(!answer.isAllSent)
        }
    }

    @Test func `a route that reads no body closes the connection on one that never ends`() async throws {
        var limits = Self.patient
        limits.lingerTimeoutMs = 50
        try await SampleService.withPort(limits: limits) { port in
            let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
            let head = "GET /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, [head] + Array(repeating: chunk, count: 160))
            #expect(answer.isClosed)
            #expect(answer.statuses == ["200"])
        }
    }

    @Test func `a refused body behind a pipelined request does not cost that request its answer`() async throws {
        try await SampleService.withPort(limits: Self.patient) { port in
            let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
            let heads =
                "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nPOST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, [heads] + Array(repeating: chunk, count: 40))
            #expect(answer.statuses == ["200", "413"])
            #expect(answer.isClosed)
            #expect(answer.isAllSent)
        }
    }

    @Test func `a body just within the limit is read and the connection goes on`() async throws {
        try await SampleService.withPort { port in
            let request = "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: \(1 << 20)\r\n\r\n"
            let body = String(repeating: "x", count: 1 << 20)
            let next = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            let answer = try await RawConnection.exchange(
                port: port, [request, body, next], untilText: "\r\n\r\nhello")
            #expect(answer.statuses == ["200", "200"])
            #expect(answer.text.contains("\r\n\r\n1048576"))
        }
    }

    @Test(arguments: ["Content-Length: 100\r\n\r\n{\"customer\": 1", "Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n"])
    func `a body that ends with the connection is not taken for a whole one`(rest: String) async throws {
        try await SampleService.withPort { port in
            let request = "POST /count HTTP/1.1\r\nHost: a\r\n\(rest)"
            let answer = try await RawConnection.exchange(port: port, [request], ending: .halfClosed)
            #expect(answer.isClosed)
            #expect(!answer.statuses.contains("200"))
        }
    }

    @Test func `a client that closes its side after a whole request still gets the answer`() async throws {
        try await SampleService.withPort { port in
            let request = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, [request], ending: .halfClosed)
            #expect(answer.statuses == ["200"])
            #expect(answer.text.hasSuffix("hello"))
        }
    }

    @Test(arguments: [
        "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}", "GARBAGE\r\n\r\n",
        "GET /hello\u{01}\u{02} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n",
        "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ])
    func `what is not HTTP is answered 400 with a reason and closed`(bytes: String) async throws {
        try await SampleService.withPort { port in
            let answer = try await RawConnection.exchange(port: port, [bytes])
            #expect(answer.statuses == ["400"])
            #expect(answer.text.contains("application/problem+json"))
            #expect(answer.text.contains("this is not HTTP/1.1: "))
            #expect(answer.isClosed)
        }
    }

    @Test func `a very long query is refused and the connection goes on`() async throws {
        try await SampleService.withPort { port in
            let long = "GET /things?k=\(String(repeating: "1", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n"
            let next = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            let answer = try await RawConnection.exchange(port: port, [long, next], untilText: "\r\n\r\nhello")
            #expect(answer.statuses == ["414", "200"])
            #expect(answer.text.contains("longer than 8192 bytes"))
        }
    }

    @Test func `headers without end are refused`() async throws {
        try await SampleService.withPort { port in
            let header = "X-Filler: \(String(repeating: "f", count: 1000))\r\n"
            let pieces = ["GET /hello HTTP/1.1\r\nHost: a\r\n"] + Array(repeating: header, count: 2000)
            let answer = try await RawConnection.exchange(port: port, pieces)
            #expect(answer.isClosed)
            #expect(!answer.statuses.contains("200"))
        }
    }
}
