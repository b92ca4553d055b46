// Requests of the tests to 127.0.0.1, over the project's own client.

import FoundationEssentials
import NIOCore
import NIOHTTP1
import WebClient

typealias HTTPConnection = WebConnection
typealias HTTPAnswer = WebAnswer

/// An answer that is not what the test can read.
struct UnexpectedBody: Error, CustomStringConvertible {
    let description: String
}

extension WebAnswer {
    /// Reads the body as JSON.
    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do { return try JSONDecoder().decode(Value.self, from: Data(body.readableBytesView)) } catch {
            throw UnexpectedBody(description: "not the JSON that was expected: \(text.prefix(500)) (\(error))")
        }
    }
}

extension WebConnection {
    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: String? = nil
    ) async throws -> WebAnswer {
        try await send(WebRequest(method, path, headers: headers, body: body.map { ByteBuffer(string: $0) }))
    }

    func get(_ path: String) async throws -> WebAnswer { try await send(.GET, path) }

    func post(_ path: String, _ body: String = "", type: String = "application/json") async throws -> WebAnswer {
        try await send(.POST, path, headers: [("Content-Type", type)], body: body)
    }
}

/// Requests to 127.0.0.1.
enum HTTP {
    /// Runs `body` with a connection.
    static func withConnection<Value: Sendable>(
        _ port: Int, _ body: (WebConnection) async throws -> Value
    ) async throws -> Value {
        try await WebConnection.with(WebAddress(host: "127.0.0.1", port: port), body)
    }

    static func get(_ port: Int, _ path: String) async throws -> WebAnswer {
        try await withConnection(port) { try await $0.get(path) }
    }

    static func post(
        _ port: Int, _ path: String, _ body: String = "", type: String = "application/json"
    ) async throws -> WebAnswer {
        try await withConnection(port) { try await $0.post(path, body, type: type) }
    }
}
