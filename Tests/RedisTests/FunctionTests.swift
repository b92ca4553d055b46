// Functions that the server has forgotten are loaded and their calls repeated, without the caller noticing.

import Fixtures
import NIOCore
import Redis
import TestServers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FunctionTests {
    private static let library = RedisFunctionLibrary(
        name: "testing",
        source: """
            #!lua name=testing
            redis.register_function('add', function(keys, args)
                return redis.call('INCRBY', keys[1], args[1])
            end)
            """)

    private func call(_ key: String) -> FCALL { FCALL("add", keys: [key], arguments: [2]) }

    private func withClient<Value: Sendable>(
        _ libraries: [RedisFunctionLibrary], _ body: (RedisServer, RedisClient) async throws -> Value
    ) async throws -> Value {
        try await withRedisServer { server in
            let configuration = try RedisConfiguration(url: server.url)
            return try await withRedisClient(configuration, libraries: libraries) { client in
                try await body(server, client)
            }
        }
    }

    @Test func `a missing function is loaded and its call repeated once`() async throws {
        try await withClient([Self.library]) { _, client async throws in
            #expect(try await client.send(call("n")) == .integer(2))
            #expect(client.counters.functionLoadCount == 1)
            let libraries = try await client.send(FUNCTIONLIST())
            #expect(libraries.map(\.library) == ["testing"])
            #expect(libraries.first?.functions == ["add"])
            _ = try await client.send(RawCommand("FUNCTION FLUSH"))
            #expect(try await client.send(call("n")) == .integer(4))
            #expect(try await client.send(call("n")) == .integer(6))
            #expect(client.counters.functionLoadCount == 2)
        }
    }

    @Test func `only the calls that missed are repeated in a pipeline`() async throws {
        try await withClient([Self.library]) { _, client async throws in
            let (first, sum, second, wrong) = await client.pipelineResults(
                INCR("count"), call("n"), INCR("count"), HGETALL("count"))
            #expect(try first.get() == 1)
            #expect(try sum.get() == .integer(2))
            #expect(try second.get() == 2)
            #expect(throws: RedisError.self) { try wrong.get() }
            #expect(try await client.send(GET("count")) == ByteBuffer(string: "2"))
        }
    }

    @Test func `a restart without data is healed under concurrent calls`() async throws {
        try await withClient([Self.library]) { server, client async throws in
            #expect(try await client.send(call("n")) == .integer(2))
            try await server.restart()
            // Calls sent on the dead connection would be lost for good: they must not be repeated.
            try await eventually("the client has reconnected") { client.counters.reconnectCount == 1 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask { _ = try await client.send(FCALL("add", keys: ["n"], arguments: [1])) }
                }
                try await group.waitForAll()
            }
            #expect(try await client.send(GET("n")) == ByteBuffer(string: "200"))
        }
    }

    @Test func `a function that no library has is told as not found`() async throws {
        for libraries in [[], [Self.library]] {
            try await withClient(libraries) { _, client async throws in
                let error = await #expect(throws: RedisError.self) {
                    try await client.send(FCALL("absent", keys: ["n"]))
                }
                #expect(error?.code == .functionNotFound)
                #expect(error?.commandName == "FCALL")
            }
        }
    }

    @Test func `a library that does not compile is told`() async throws {
        let broken = RedisFunctionLibrary(name: "broken", source: "#!lua name=broken\nthis is not Lua")
        try await withClient([broken]) { _, client async throws in
            let error = await #expect(throws: RedisError.self) { try await client.send(call("n")) }
            #expect(error?.message.contains("Error compiling function") == true)
            let early = await #expect(throws: RedisError.self) { try await client.loadFunctions() }
            #expect(early?.code == .serverRefused)
        }
    }

    @Test func `loading at the start replaces an older library`() async throws {
        try await withClient([Self.library]) { _, client async throws in
            let older = Self.library.source.replacing("INCRBY", with: "DECRBY")
            _ = try await client.send(FUNCTIONLOAD(RedisFunctionLibrary(name: "testing", source: older)))
            #expect(try await client.send(call("n")) == .integer(-2))
            try await client.loadFunctions()
            #expect(try await client.send(call("n")) == .integer(0))
        }
    }
}
