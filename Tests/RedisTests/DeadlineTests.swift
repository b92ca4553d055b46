// Time and bounds: a late reply is dropped without disturbing the others, and nothing queues without end.

import Fixtures
import NIOCore
import Redis
import Testing

@Suite(.redisServer, .serialized, .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test func `a late reply is dropped and the next caller gets its own`() async throws {
        try await withSuiteClient { client in
            _ = try await client.send(SET("k", "v"))
            try await withWritesPaused {
                let error = await #expect(throws: RedisError.self) { try await client.send(INCR("n"), deadlineMs: 30) }
                #expect(error?.code == .deadlineExceeded)
                #expect(error?.wasPossiblyExecuted == true)
                #expect(error?.isRetriable == false)
                let get = await #expect(throws: RedisError.self) { try await client.send(GET("k"), deadlineMs: 30) }
                #expect(get?.code == .deadlineExceeded)
                #expect(get?.isRetriable == true)
            }
            // The replies to both still come; neither may be taken for the one to this command.
            #expect(try await client.send(RawCommand("ECHO", ["mine"])).as(String.self) == "mine")
            #expect(client.counters.reconnectCount == 0)
            #expect(client.counters.commandsInFlight == 0)
        }
    }

    @Test func `short and long deadlines hold side by side`() async throws {
        try await withSuiteClient { client in
            let patient = try await withWritesPaused {
                _ = await client.pipelineResults(INCR("n"), deadlineMs: 1)
                let patient = Task { try await client.send(RawCommand("ECHO", ["a"])).as(String.self) }
                let hasty = await client.pipelineResults(RawCommand("ECHO", ["b"]), deadlineMs: 20)
                #expect(throws: RedisError.self) { try hasty.get() }
                return patient
            }
            #expect(try await patient.value == "a")
        }
    }

    @Test func `a pipeline keeps the replies that came in time`() async throws {
        try await FakeServer.with(.answer(":1\r\n")) { server in
            let address = RedisConfiguration.Address.tcp(host: "127.0.0.1", port: server.port)
            try await withRedisClient(RedisConfiguration(address: address)) { client in
                try await eventually("a connection is ready") { client.counters.connectionsReady == 1 }
                let (first, second) = await client.pipelineResults(DBSIZE(), DBSIZE(), deadlineMs: 1_000)
                #expect(try first.get() == 1)
                let error = #expect(throws: RedisError.self) { try second.get() }
                #expect(error?.code == .deadlineExceeded)
            }
        }
    }

    @Test func `a server that stays silent is left`() async throws {
        try await withSuiteClient(.set(\.silenceMsMax, 50)) { client in
            try await withWritesPaused {
                _ = await client.pipelineResults(INCR("n"), deadlineMs: 20)
                try await eventually("the connection is replaced") { client.counters.reconnectCount == 1 }
                #expect(try await client.send(PING()) == "PONG")
            }
        }
    }

    @Test func `commands beyond the bound fail at once`() async throws {
        try await withSuiteClient(.set(\.commandsInFlightMax, 10)) { client in
            let (blocked, within) = try await withWritesPaused {
                let blocked = Task { try await client.send(INCR("n")) }
                try await eventually("the command is under way") { client.counters.commandsInFlight == 1 }
                let error = await #expect(throws: RedisError.self) {
                    try await client.pipeline((0..<10).map { GET("k\($0)") })
                }
                #expect(error?.code == .overloaded)
                #expect(error?.wasPossiblyExecuted == false)
                #expect(error?.isRetriable == true)
                return (blocked, Task { try await client.pipeline((0..<9).map { GET("k\($0)") }) })
            }
            #expect(try await blocked.value == 1)
            #expect(try await within.value.count == 9)
        }
    }

    @Test func `bytes beyond the bound fail at once`() async throws {
        try await withSuiteClient(.set(\.bytesInFlightMax, 10_000)) { client async throws in
            let value = RedisArgument.buffer(ByteBuffer(repeating: 1, count: 10_000))
            let error = await #expect(throws: RedisError.self) { try await client.send(SET("k", value)) }
            #expect(error?.code == .overloaded)
            #expect(try await client.send(PING()) == "PONG")
        }
    }

    @Test func `a cancelled call ends at once and its reply is dropped`() async throws {
        try await withSuiteClient { client async throws in
            try await withWritesPaused {
                let call = Task { await client.pipelineResults(INCR("n"), deadlineMs: 60_000) }
                try await eventually("the call is under way") { client.counters.commandsInFlight == 1 }
                call.cancel()
                let result = await call.value
                let error = #expect(throws: RedisError.self) { try result.get() }
                #expect(error?.code == .cancelled)
            }
            #expect(try await client.send(RawCommand("ECHO", ["mine"])).as(String.self) == "mine")
            let cancelledBefore = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await client.pipelineResults(PING())
            }
            let earlier = await cancelledBefore.value
            #expect(throws: RedisError.self) { try earlier.get() }
            #expect(try await client.send(PING()) == "PONG")
        }
    }

    @Test func `a blocking command is refused on a shared connection`() async throws {
        try await withSuiteClient { client async throws in
            let read = XREADGROUP(group: "g", consumer: "c", streams: [("s", ">")], count: 1, blockMs: 10)
            let error = await #expect(throws: RedisError.self) { try await client.send(read) }
            #expect(error?.code == .misuse)
        }
    }
}
