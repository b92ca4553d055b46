// A small HTTP client for tests: keep-alive connections that say plainly when the server went away.

import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix

/// The connection ended before the answer did.
struct HTTPConnectionLost: Error, CustomStringConvertible {
    let description: String
}

/// An answer with its whole body.
struct HTTPAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: ByteBuffer

    var text: String { String(buffer: body) }

    func header(_ name: String) -> String? { headers.first(name: name) }

    /// Reads the body as JSON.
    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do { return try JSONDecoder().decode(Value.self, from: Data(body.readableBytesView)) } catch {
            throw HTTPConnectionLost(description: "not the JSON that was expected: \(text.prefix(500)) (\(error))")
        }
    }
}

/// One connection; one request at a time.
final class HTTPConnection {
    /// After so long the connection is closed, and the request fails.
    private static let deadlineSeconds: Int64 = 30

    private let channel: any Channel
    private var answers: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    private let requests: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPRequestHead, IOData>>

    init(
        channel: any Channel, answers: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator,
        requests: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPRequestHead, IOData>>
    ) {
        self.channel = channel
        self.answers = answers
        self.requests = requests
    }

    /// Sends a request and waits for the whole answer.
    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: String? = nil
    ) async throws -> HTTPAnswer {
        let guardian = channel.eventLoop.scheduleTask(in: .seconds(Self.deadlineSeconds)) { [channel] in
            channel.close(promise: nil)
        }
        defer { guardian.cancel() }
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        head.headers = HTTPHeaders([("Host", "127.0.0.1")] + headers)
        if let body { head.headers.add(name: "Content-Length", value: "\(body.utf8.count)") }
        var parts: [HTTPPart<HTTPRequestHead, IOData>] = [.head(head)]
        if let body { parts.append(.body(.byteBuffer(ByteBuffer(string: body)))) }
        do {
            try await requests.write(contentsOf: parts + [.end(nil)])
            return try await answer()
        } catch let error as HTTPConnectionLost {
            throw error
        } catch {
            throw HTTPConnectionLost(description: "\(method) \(path): \(error)")
        }
    }

    func get(_ path: String) async throws -> HTTPAnswer { try await send(.GET, path) }

    func post(_ path: String, _ body: String = "", type: String = "application/json") async throws -> HTTPAnswer {
        try await send(.POST, path, headers: [("Content-Type", type)], body: body)
    }

    private func answer() async throws -> HTTPAnswer {
        var head: HTTPResponseHead?
        var body = ByteBuffer()
        while let part = try await answers.next(isolation: #isolation) {
            switch part {
            case .head(let received): head = received
            case .body(var piece): body.writeBuffer(&piece)
            case .end:
                guard let head else { break }
                return HTTPAnswer(status: Int(head.status.code), headers: head.headers, body: body)
            }
        }
        throw HTTPConnectionLost(description: "the server closed the connection before it had answered")
    }
}

/// Requests to 127.0.0.1.
enum HTTP {
    /// Runs `body` with a connection.
    static func withConnection<Value: Sendable>(
        _ port: Int, _ body: (HTTPConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await connect(port)
        return try await channel.executeThenClose { inbound, outbound in
            try await body(
                HTTPConnection(
                    channel: channel.channel, answers: inbound.makeAsyncIterator(), requests: outbound))
        }
    }

    private static func connect(
        _ port: Int
    ) async throws -> NIOAsyncChannel<HTTPClientResponsePart, HTTPPart<HTTPRequestHead, IOData>> {
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch { throw HTTPConnectionLost(description: "nobody listens on port \(port): \(error)") }
    }

    static func get(_ port: Int, _ path: String) async throws -> HTTPAnswer {
        try await withConnection(port) { try await $0.get(path) }
    }

    static func post(
        _ port: Int, _ path: String, _ body: String = "", type: String = "application/json"
    ) async throws -> HTTPAnswer {
        try await withConnection(port) { try await $0.post(path, body, type: type) }
    }
}
