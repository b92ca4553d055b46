// What the tests of the ingest share: a real Redis with stores on it, requests without a socket.

import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Models
import NIOCore
import Redis
import Settings
import Stores
import TestServers
import Testing
import WebService

@testable import EventIngest

/// A Redis of one's own, and stores on it.
struct TestBed: Sendable {
    static let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let server: RedisServer
    let stores: RedisStores
    var client: RedisClient { stores.client }

    /// An ingest that has not been started.
    func ingest(
        bodyBytesMax: Int = 1 << 20, batchCountMax: Int = 10_000, lagCountMax: Int = 100_000,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> EventIngest {
        EventIngest(
            stores: stores,
            settings: IngestSettings(
                http: HTTPSettings(port: 0), bodyBytesMax: bodyBytesMax, batchCountMax: batchCountMax,
                lagCountMax: lagCountMax),
            events: EventSettings(), logger: Self.quietLogger, onListening: onListening)
    }

    /// What is on the stream, oldest first: each entry's id and its fields as `name=value`.
    func entries() async throws -> [(id: String, fields: [String])] {
        try await client.send(XRANGE("events")).map { entry in
            (entry.id, entry.fields.map { "\(String(buffer: $0.name))=\(String(buffer: $0.value))" })
        }
    }
}

/// Lends a Redis with stores to `body`.
func withTestBed<Value: Sendable>(
    arguments: [String] = [], deadlineMs: Int = 10_000, _ body: (TestBed) async throws -> Value
) async throws -> Value {
    var options = RedisServer.Options()
    options.arguments = arguments
    return try await withRedisServer(options) { server in
        var configuration = try RedisConfiguration(url: server.socketURL)
        configuration.deadlineMs = deadlineMs
        return try await withRedisClient(configuration, libraries: RedisStores.functionLibraries) { client in
            try await body(TestBed(server: server, stores: RedisStores(client: client, partitions: 1)))
        }
    }
}

/// An answer as the tests look at it.
struct Answer {
    let status: Int
    let headers: HTTPFields
    let body: String
}

extension EventIngest {
    /// Answers one request without a socket.
    func execute(
        _ method: HTTPRequest.Method, _ uri: String, type: String? = nil, body: [UInt8] = []
    ) async throws -> Answer {
        let headers: HTTPFields = type.map { [.contentType: $0] } ?? [:]
        return try await application().test(.router) { client in
            try await client.execute(uri: uri, method: method, headers: headers, body: ByteBuffer(bytes: body)) {
                Answer(status: $0.status.code, headers: $0.headers, body: String(buffer: $0.body))
            }
        }
    }

    /// Posts events.
    func post(_ body: String, type: String = "application/json") async throws -> Answer {
        try await execute(.post, "/v1/events", type: type, body: Array(body.utf8))
    }
}
