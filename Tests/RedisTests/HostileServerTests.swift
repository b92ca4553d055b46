// Servers that answer with nonsense, too much, or nothing.

import Fixtures
import NIOCore
import Redis
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HostileServerTests {
    private func withClient<Value: Sendable>(
        of server: FakeServer, _ settings: Setting...,
        body: (RedisClient) async throws -> Value
    ) async throws -> Value {
        var configuration = RedisConfiguration(address: .tcp(host: "127.0.0.1", port: server.port))
        configuration.backoffMsMax = 20
        configuration.deadlineMs = 20_000
        configuration.connectDeadlineMs = 20_000
        for setting in settings { setting.apply(&configuration) }
        return try await withRedisClient(configuration, body)
    }

    @Test(arguments: ["nonsense\r\n", "*99999999999\r\n", "*2147483647\r\n", "$-7\r\n"])
    func `nonsense ends the call and the connection`(answer: String) async throws {
        try await FakeServer.with(.answer(answer)) { server in
            try await withClient(of: server) { client async throws in
                let error = await #expect(throws: RedisError.self) { try await client.send(GET("k")) }
                #expect(error?.code == .protocolViolation)
                try await eventually("a new connection is made") { server.connectionCount >= 2 }
            }
        }
    }

    @Test func `one reply too many ends the connection`() async throws {
        try await FakeServer.with(.answer(":1\r\n:2\r\n")) { server in
            try await withClient(of: server) { client async throws in
                #expect(try await client.send(DBSIZE()) == 1)
                try await eventually("a new connection is made") { server.connectionCount >= 2 }
            }
        }
    }

    @Test func `an endless reply is cut off at the limit`() async throws {
        try await FakeServer.with(.answer("$9000000\r\n" + String(repeating: "x", count: 2_000_000))) { server in
            try await withClient(of: server, .set(\.limits.replyByteCountMax, 1_000_000)) { client async throws in
                let error = await #expect(throws: RedisError.self) { try await client.send(GET("k")) }
                #expect(error?.code == .protocolViolation)
                #expect(error?.message.contains("1000000 bytes") == true)
            }
        }
    }

    @Test func `a reply of another shape fails that command only`() async throws {
        try await FakeServer.with(.answer("*1\r\n:1\r\n:7\r\n")) { server in
            try await withClient(of: server) { client async throws in
                let (hash, size) = await client.pipelineResults(HGETALL("k"), DBSIZE())
                let error = #expect(throws: RedisError.self) { try hash.get() }
                #expect(error?.code == .unexpectedReply)
                #expect(error?.commandName == "HGETALL")
                #expect(try size.get() == 7)
            }
        }
    }

    @Test func `a server that hangs up is tried a bounded number of times`() async throws {
        try await FakeServer.with(.hangUp) { server in
            try await withClient(of: server) { client async throws in
                let error = await #expect(throws: RedisError.self) { try await client.send(GET("k")) }
                #expect(error?.code == .connectionLost)
                #expect(client.counters.retryCount == 2)
            }
        }
    }

    @Test func `a server that never greets is given up`() async throws {
        try await FakeServer.with(.silence, greeting: nil) { server in
            try await withClient(of: server, .set(\.connectDeadlineMs, 50)) { client async throws in
                let error = await #expect(throws: RedisError.self) { try await client.send(GET("k"), deadlineMs: 300) }
                #expect(error?.code == .connectFailed)
                try await eventually("it is tried again") { server.connectionCount >= 2 }
            }
        }
    }

    @Test func `an idle connection without a sign of life is left`() async throws {
        try await FakeServer.with(.silence) { server in
            try await withClient(of: server, .set(\.heartbeatMs, 20), .set(\.silenceMsMax, 40)) { client in
                try await eventually("a new connection is made") { server.connectionCount >= 3 }
            }
        }
    }
}
