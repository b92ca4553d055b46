// The client against servers that behave, misbehave and vanish.

import NIOCore
import Synchronization
import TestServers
import Testing
import WebClient

@Suite(.timeLimit(.minutes(1))) struct WebConnectionTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Word: yes\r\n\r\nok"

    /// A server that answers each request's head with the next of `answers`; nil leaves it unanswered.
    private func withServer(
        _ answers: [String?], _ body: (WebAddress, @escaping @Sendable () -> [String]) async throws -> Void
    ) async throws {
        let asked = Recorded()
        let listener = try LoopbackListener { connection, _ in
            var text = ""
            while case let bytes = connection.read(), !bytes.isEmpty {
                text += String(decoding: bytes, as: UTF8.self)
                while let end = text.firstRange(of: "\r\n\r\n") {
                    let number = asked.add(String(text[..<end.lowerBound]))
                    text = String(text[end.upperBound...])
                    guard number < answers.count else { return connection.cut() }
                    if let answer = answers[number] { _ = connection.write(Array(answer.utf8)) }
                }
            }
        }
        defer { listener.close() }
        try await body(WebAddress(host: "127.0.0.1", port: listener.port)) { asked.all }
    }

    @Test func `one connection carries one request after the other`() async throws {
        try await withServer([Self.answer, Self.answer]) { address, asked in
            try await WebConnection.with(address) { connection in
                for path in ["/a?b=c", "/d"] {
                    let answer = try await connection.send(.get(path))
                    #expect(answer.status == 200)
                    #expect(answer.text == "ok")
                    #expect(answer.header("x-word") == "yes")
                }
                #expect(connection.isOpen)
            }
            #expect(asked().map { $0.prefix { $0 != "\r\n" } } == ["GET /a?b=c HTTP/1.1", "GET /d HTTP/1.1"])
            #expect(asked().allSatisfy { $0.contains("Host: 127.0.0.1:\(address.port)") })
        }
    }

    @Test func `a body goes out with its length and type`() async throws {
        try await withServer([Self.answer]) { address, asked in
            try await WebConnection.with(address) { connection in
                _ = try await connection.send(.post("/", body: ByteBuffer(string: "{}")))
            }
            #expect(asked().first?.contains("Content-Length: 2") == true)
            #expect(asked().first?.contains("Content-Type: application/json") == true)
        }
    }

    @Test func `a status that is no success is an answer all the same`() async throws {
        try await withServer(["HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"]) { address, _ in
            let status = try await WebConnection.with(address) { try await $0.send(.get("/")).status }
            #expect(status == 503)
        }
    }

    @Test func `a connection that the server gives up is not used again`() async throws {
        try await withServer(["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"]) { address, _ in
            try await WebConnection.with(address) { connection in
                let first = try await connection.send(.get("/"))
                #expect(first.status == 200)
                await #expect { try await connection.send(.get("/")) } throws: {
                    ($0 as? WebClientError)?.code == .lost
                }
                #expect(!connection.isOpen)
            }
        }
    }

    @Test func `silence ends with the time that was given`() async throws {
        try await withServer([nil]) { address, _ in
            try await WebConnection.with(address) { connection in
                await #expect {
                    try await connection.send(.get("/slow"), timeoutMs: 50)
                } throws: { error in
                    (error as? WebClientError)?.code == .timedOut && "\(error)".contains("/slow within 50 ms")
                }
                #expect(!connection.isOpen)
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", WebClientError.Code.lost),
        ("not HTTP at all\r\n\r\n", .unreadable),
    ])
    func `half an answer and no answer are told apart`(text: String, code: WebClientError.Code) async throws {
        let listener = try LoopbackListener { connection, _ in
            _ = connection.read()
            _ = connection.write(Array(text.utf8))
            if code == .lost { connection.cut() } else { _ = connection.read() }
        }
        defer { listener.close() }
        await #expect {
            try await WebConnection.with(WebAddress(host: "127.0.0.1", port: listener.port)) {
                try await $0.send(.get("/"))
            }
        } throws: { ($0 as? WebClientError)?.code == code }
    }

    @Test func `two requests at once are refused, and the first is answered`() async throws {
        let mayAnswer = Latch()
        let listener = try LoopbackListener { connection, _ in
            _ = connection.read()
            mayAnswer.wait()
            _ = connection.write(Array(Self.answer.utf8))
            _ = connection.read()
        }
        defer { listener.close() }
        try await WebConnection.with(WebAddress(host: "127.0.0.1", port: listener.port)) { connection in
            let codes = await withTaskGroup(of: WebClientError.Code?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do {
                            _ = try await connection.send(.get("/"))
                            return nil
                        } catch { return (error as? WebClientError)?.code }
                    }
                }
                // The refused one is back first; only then is the other one answered.
                let first = await group.next()
                mayAnswer.open()
                return [first ?? nil, await group.next() ?? nil]
            }
            #expect(codes == [.busy, nil])
        }
    }

    @Test func `nobody there is said with the address`() async throws {
        let listener = try LoopbackListener { _, _ in }
        let address = WebAddress(host: "127.0.0.1", port: listener.port)
        listener.close()
        await #expect { _ = try await WebConnection.open(address) } throws: { error in
            (error as? WebClientError)?.code == .unreachable && "\(error)".contains("\(address)")
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1:8090", "127.0.0.1", 8090), ("http://shop.example:80/", "shop.example", 80),
        ("HTTP://[::1]:8092", "::1", 8092),
    ])
    func `addresses are read`(url: String, host: String, port: Int) {
        #expect(WebAddress(url: url) == WebAddress(host: host, port: port))
    }

    @Test(arguments: [
        "127.0.0.1:8090", "https://a:1", "http://a", "http://a:0", "http://a:1/base", "http://:80", "http://u@a:1",
    ])
    func `what cannot be kept is no address`(url: String) {
        #expect(WebAddress(url: url) == nil)
    }
}

/// What was asked, in its order.
private final class Recorded: Sendable {
    private let texts = Mutex<[String]>([])

    func add(_ text: String) -> Int {
        texts.withLock { texts in
            texts.append(text)
            return texts.count - 1
        }
    }

    var all: [String] { texts.withLock { $0 } }
}
