// The gateway as a service of a process: it listens on a real socket, is known while it runs, and leaves when it stops.

import Fixtures
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Models
import NIOCore
import ServiceLifecycle
import Settings
import Stores
import TestServers
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `The gateway as a service` {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func gateway(_ stores: RedisStores) throws -> Gateway {
        try Gateway(
            settings: GatewaySettings(http: HTTPSettings(port: 0), deadlineMs: 2000), types: .standard,
            generationsKept: 2, stores: stores, instance: "gateway@test:7", logger: logger)
    }

    @Test func `tells its port, is listed while it runs and not afterwards`() async throws {
        try await withRedisServer { server in
            try await withStores(on: server) { stores in
                let (ports, listening) = AsyncStream.makeStream(of: Int.self)
                let application = try Self.gateway(stores).application { listening.yield($0) }
                let group = ServiceGroup(
                    configuration: ServiceGroupConfiguration(services: [application], logger: Self.logger))
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await group.run() }
                    let port = await ports.first { _ in true }
                    #expect(try #require(port) > 0)
                    try await eventually("the gateway gives a sign of life") {
                        try await stores.instances.alive(nowMs: 0) == ["gateway@test:7"]
                    }
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
                #expect(try await stores.instances.alive(nowMs: 0) == [])
            }
        }
    }

    @Test func `answers over a socket, with the headers that name the answer`() async throws {
        try await withRedisServer { server in
            try await withStores(on: server) { stores in
                let generation = try await stores.generationWriter.open(release: "r", nowMs: 0)
                try await stores.generationWriter.write(
                    TestLists(popular: TestLists.names("p", 500)).all(), generation: generation)
                try await stores.generationWriter.finish(generation, figures: [:], nowMs: 0)
                try await stores.generations.activate(generation, kept: 1, nowMs: 0)
                try await Self.gateway(stores).application().test(.live) { client in
                    // The very first request: what it needs was read before the socket opened.
                    let response = try await client.execute(uri: "/v1/recommendations/42?k=500", method: .get)
                    #expect(try AnswerBody(response).items == TestLists.names("p", 500))
                    #expect(response.headers[.generation] == "1")
                    #expect(response.headers[.servedBy] == "full")
                    #expect(response.headers[.onlineAsOf] == nil)
                }
            }
        }
    }
}
