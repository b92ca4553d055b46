// A gateway on a Redis of its own, with lists that the stores' own writers wrote.

import Fixtures
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Models
import Settings
import Stores
import TestServers
import Testing
import WebService

@testable import Gateway

/// What a test asks and changes.
struct GatewayUnderTest: Sendable {
    static let adminToken = "open-sesame"
    static let json: HTTPFields = [.contentType: "application/json"]
    static let admin: HTTPFields = [.contentType: "application/json", .authorization: "Bearer \(adminToken)"]

    let gateway: Gateway
    let stores: RedisStores
    let client: any TestClientProtocol
    let server: RedisServer

    func get(_ uri: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await client.execute(uri: uri, method: .get, headers: headers)
    }

    func post(_ uri: String, _ body: String? = nil, headers: HTTPFields = json) async throws -> TestResponse {
        try await client.execute(uri: uri, method: .post, headers: headers, body: body.map { ByteBuffer(string: $0) })
    }

    /// The answer to a GET that must succeed.
    func answer(_ uri: String) async throws -> AnswerBody {
        try AnswerBody(await get(uri))
    }

    /// Loads a generation, without making it live; its number.
    func load(_ lists: TestLists, nowMs: Int64 = 0) async throws -> Int {
        let generation = try await stores.generationWriter.open(release: lists.release, nowMs: nowMs)
        try await stores.generationWriter.write(lists.all(), generation: generation)
        try await stores.generationWriter.finish(generation, figures: [:], nowMs: nowMs)
        return generation
    }

    /// Loads a generation and makes it live here.
    @discardableResult
    func publish(_ lists: TestLists) async throws -> Int {
        let generation = try await load(lists)
        try await stores.generations.activate(generation, kept: 3, nowMs: 0)
        await gateway.live.refresh()
        return generation
    }

    /// Applies an event as the features consumer does; its stream id is its time.
    @discardableResult
    func touch(
        _ user: String, _ item: String, _ type: String = "view", atMs: Int64, generation: Int
    ) async throws -> StreamID {
        let id = StreamID(milliseconds: UInt64(atMs), sequence: 0)
        let item = try itemID(item)
        let event = Event(user: try userID(user), item: item, type: type, timestampMs: atMs)
        let similar = try await stores.lists.similarText([item], generation: generation)[0]
        let update = OnlineUpdate(
            event: StreamedEvent(id: id, event: event), generation: generation, similar: similar)
        _ = try await stores.online.apply([update], itemsMax: 10, ttlSeconds: 60)[0].get()
        return id
    }
}

/// Runs a gateway with its followers for as long as `body` takes; requests go straight to its router.
func withGateway(
    _ settings: GatewaySettings = GatewaySettings(
        http: HTTPSettings(port: 0), deadlineMs: 2000, adminToken: GatewayUnderTest.adminToken, console: .on),
    server options: RedisServer.Options = RedisServer.Options(),
    telemetry: ServiceTelemetry = ServiceTelemetry(role: "gateway"),
    _ body: @Sendable (GatewayUnderTest) async throws -> Void
) async throws {
    try await withRedisServer(options) { server in
        try await withStores(on: server) { stores in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let gateway = try Gateway(
                settings: settings, types: .standard, generationsKept: 2, stores: stores, instance: "gateway@test:1",
                telemetry: telemetry, logger: logger)
            try await gateway.application().test(.router) { client in
                await gateway.hidden.refresh()
                try await body(GatewayUnderTest(gateway: gateway, stores: stores, client: client, server: server))
            }
        }
    }
}

func itemID(_ text: String) throws -> ItemID { try #require(ItemID(text)) }
func userID(_ text: String) throws -> UserID { try #require(UserID(text)) }
