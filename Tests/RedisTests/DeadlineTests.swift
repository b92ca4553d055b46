// Time and bounds: a late reply is dropped without disturbing the others, and nothing queues without end.

import NIOCore
import Redis
import Testing

@Suite(.redisServer, .serialized, .timeLimit(.minutes(1)))
struct DeadlineTests {
    private static let slow = RawCommand("DEBUG", ["SLEEP", "0.3"])

    @Test func `a late reply is dropped and the next caller gets its own`() async throws {
        try await withSuiteClient { client async throws in
            _ = try await client.send(SET("k", "v"))
            let error = await #expect(throws: RedisError.self) { try await client.send(Self.slow, deadlineMs: 30) }
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.wasPossiblyExecuted == true)
            #expect(error?.isRetriable == false)
            let get = await #expect(throws: RedisError.self) { try await client.send(GET("k"), deadlineMs: 30) }
            #expect(get?.code == .deadlineExceeded)
            #expect(get?.isRetriable == true)
            // The replies to both still come; neither may be taken for the one to this command.
            #expect(try await client.send(RawCommand("ECHO", ["mine"])).as(String.self) == "mine")
            #expect(client.counters.reconnectCount == 0)
            #expect(client.counters.commandsInFlight == 0)
        }
    }

    @Test func `short and long deadlines hold side by side`() async throws {
        try await withSuiteClient { client async throws in
            _ = await client.pipelineResults(Self.slow, deadlineMs: 1)
            async let patient = client.send(RawCommand("ECHO", ["a"]), deadlineMs: 10_000)
            async let hasty = client.pipelineResults(RawCommand("ECHO", ["b"]), deadlineMs: 20)
            let failed = await hasty
            #expect(throws: RedisError.self) { try failed.get() }
            #expect(try await patient.as(String.self) == "a")
        }
    }

    @Test func `a pipeline keeps the replies that came in time`() async throws {
        try await withSuiteClient { client async throws in
            let (first, second) = await client.pipelineResults(
                RawCommand("ECHO", ["a"]), Self.slow, deadlineMs: 100)
            // Redis sends the first reply only when it is done with the second command or has to wait: either is right.
            if case .success(let reply) = first { #expect(try reply.as(String.self) == "a") }
            #expect(throws: RedisError.self) { try second.get() }
            #expect(try await client.send(PING()) == "PONG")
        }
    }

    @Test func `a server that stays silent is left`() async throws {
        try await withSuiteClient(.set(\.silenceMsMax, 50)) { client async throws in
            _ = await client.pipelineResults(RawCommand("DEBUG", ["SLEEP", "0.5"]), deadlineMs: 20)
            #expect(try await client.send(PING(), deadlineMs: 10_000) == "PONG")
            #expect(client.counters.reconnectCount >= 1)
        }
    }

    @Test func `commands beyond the bound fail at once`() async throws {
        try await withSuiteClient(.set(\.commandsInFlightMax, 10)) { client async throws in
            async let blocked = client.pipelineResults(Self.slow, deadlineMs: 5_000)
            try await eventually("the slow command is under way") { client.counters.commandsInFlight == 1 }
            let error = await #expect(throws: RedisError.self) {
                try await client.pipeline((0..<10).map { GET("k\($0)") })
            }
            #expect(error?.code == .overloaded)
            #expect(error?.wasPossiblyExecuted == false)
            #expect(error?.isRetriable == true)
            #expect(try await client.pipeline((0..<9).map { GET("k\($0)") }).count == 9)
            _ = await blocked
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
            let call = Task { await client.pipelineResults(Self.slow, deadlineMs: 60_000) }
            try await eventually("the call is under way") { client.counters.commandsInFlight == 1 }
            call.cancel()
            let result = await call.value
            let error = #expect(throws: RedisError.self) { try result.get() }
            #expect(error?.code == .cancelled)
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
