// A graceful shutdown loses nothing that is under way, accepts nothing new, and ends.

import Fixtures
import Logging
import NIOCore
import Redis
import ServiceLifecycle
import TestServers
import Testing

@Suite(.redisServer, .serialized, .timeLimit(.minutes(1)))
struct ShutdownTests {
    private func makeClient(_ settings: Setting...) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: SuiteServer.require().url)
        configuration.deadlineMs = 20_000
        configuration.connectDeadlineMs = 20_000
        for setting in settings { setting.apply(&configuration) }
        return try RedisClient(configuration)
    }

    @Test func `what is in flight is finished and later calls are refused`() async throws {
        let client = try makeClient()
        let running = Task { await client.run() }
        _ = try await client.send(SET("k", "v"))
        let slow = try await withWritesPaused {
            let slow = Task { await client.pipelineResults(INCR("n"), GET("k")) }
            try await eventually("the calls are under way") { client.counters.commandsInFlight == 2 }
            client.shutdown()
            return slow
        }
        await running.value
        #expect(try await slow.value.1.get() == ByteBuffer(string: "v"))
        let error = await #expect(throws: RedisError.self) { try await client.send(PING()) }
        #expect(error?.code == .shuttingDown)
        let dedicated = await #expect(throws: RedisError.self) { try await client.withDedicatedConnection { _ in } }
        #expect(dedicated?.code == .shuttingDown)
    }

    @Test func `a reply that does not come holds the shutdown up only so long`() async throws {
        try await FakeServer.with(.silence) { server in
            var configuration = RedisConfiguration(address: .tcp(host: "127.0.0.1", port: server.port))
            configuration.shutdownMs = 50
            let client = try RedisClient(configuration)
            let running = Task { await client.run() }
            async let silent = client.pipelineResults(PING(), deadlineMs: 60_000)
            try await eventually("the call is under way") { client.counters.commandsInFlight == 1 }
            client.shutdown()
            await running.value
            let result = await silent
            let error = #expect(throws: RedisError.self) { try result.get() }
            #expect(error?.code == .shuttingDown)
            #expect(error?.wasPossiblyExecuted == true)
        }
    }

    @Test func `callers that wait for a connection are told`() async throws {
        var configuration = RedisConfiguration(address: .tcp(host: "127.0.0.1", port: try FreePort.find()))
        configuration.connectDeadlineMs = 100
        let client = try RedisClient(configuration)
        let running = Task { await client.run() }
        let waiting = Task { await client.pipelineResults(PING(), deadlineMs: 60_000) }
        try await eventually("the call waits") { client.counters.waiters == 1 }
        client.shutdown()
        await running.value
        let result = await waiting.value
        let error = #expect(throws: RedisError.self) { try result.get() }
        #expect(error?.code == .shuttingDown)
    }

    @Test func `starting and stopping in any order ends`() async throws {
        for round in 0..<20 {
            let client = try makeClient(.set(\.connectionCount, 3))
            if round.isMultiple(of: 3) { client.shutdown() }
            let running = Task { await client.run() }
            if round.isMultiple(of: 2) { _ = await client.pipelineResults(PING(), deadlineMs: 1_000) }
            if round.isMultiple(of: 5) { running.cancel() } else { client.shutdown() }
            client.shutdown()
            await running.value
            #expect(client.counters.connectionsReady == 0)
        }
    }

    @Test func `a service group runs the client and stops it`() async throws {
        let client = try makeClient()
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: client, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Logger(label: "test")))
        async let running: Void = group.run()
        #expect(try await client.send(PING()) == "PONG")
        await group.triggerGracefulShutdown()
        try await running
        #expect(client.counters.connectionsReady == 0)
    }
}
