// Many callers on one connection: every reply finds the call it belongs to.

import Fixtures
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Redis

@Suite(.redisServer, .serialized, .timeLimit(.minutes(1)))
struct PipelineTests {
    @Test func `commands of many types come back as a typed tuple`() async throws {
        try await withSuiteClient { client async throws in
            let (isSet, count, value, members) = try await client.pipeline(
                SET("k", "v"), INCR("n"), GET("k"), SMEMBERS("absent"))
            #expect(isSet)
            #expect(count == 1)
            #expect(value == ByteBuffer(string: "v"))
            #expect(members.isEmpty)
        }
    }

    @Test func `a failed command of a pipeline leaves the others their replies`() async throws {
        try await withSuiteClient { client async throws in
            let (set, wrong, get) = await client.pipelineResults(SET("k", "v"), HGETALL("k"), GET("k"))
            #expect(try set.get())
            #expect(throws: RedisError.self) { try wrong.get() }
            #expect(try get.get() == ByteBuffer(string: "v"))
            let error = await #expect(throws: RedisError.self) {
                try await client.pipeline(SET("k", "w"), HGETALL("k"), INCR("n"))
            }
            #expect(error?.code == .wrongType)
            #expect(error?.commandName == "HGETALL")
            // All of the pipeline was sent, as promised.
            #expect(try await client.send(GET("n")) == ByteBuffer(string: "1"))
        }
    }

    @Test func `a pipeline of one type keeps its order`() async throws {
        try await withSuiteClient { client async throws in
            let counts = try await client.pipeline((0..<10_000).map { _ in INCR("n") })
            #expect(counts == Array(1...10_000))
            #expect(try await client.pipeline([GET]()).isEmpty)
            let results = await client.pipelineResults([HGET("n", "f"), HGET("absent", "f")])
            #expect(throws: RedisError.self) { try results[0].get() }
            #expect(try results[1].get() == nil)
        }
    }

    @Test(arguments: [1, 3])
    func `concurrent callers get their own replies`(connectionCount: Int) async throws {
        try await withSuiteClient(.set(\.connectionCount, connectionCount)) { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<64 {
                    group.addTask {
                        for round in 0..<50 {
                            let text = "\(caller).\(round)." + String(repeating: "x", count: (caller * round) % 3_000)
                            let (_, value, echo) = try await client.pipeline(
                                SET("k\(caller)", .string(text)), GET("k\(caller)"),
                                RawCommand("ECHO", [.string(text)]))
                            #expect(value.map { String(buffer: $0) } == text)
                            #expect(try echo.as(String.self) == text)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.counters.commandsInFlight == 0)
        }
    }

    @Test func `a caller on an event loop gets the connection that is there`() async throws {
        let eventLoops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        try await withSuiteClient(.set(\.connectionCount, eventLoops.count)) { client async throws in
            try await eventually("all are connected") { client.counters.connectionsReady == eventLoops.count }
            for eventLoop in eventLoops {
                let isThere = try await eventLoop.submit {
                    client.state.withLock { $0.pick() }?.isOnEventLoop
                }.get()
                #expect(isThere == true)
            }
        }
    }

    @Test func `callers of one turn share a write`() async throws {
        try await withSuiteClient { client async throws in
            let before = try await client.send(INFO("stats"))["total_reads_processed"].flatMap { Int($0) } ?? 0
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2_000 { group.addTask { _ = await client.pipelineResults(INCR("n")) } }
            }
            let after = try await client.send(INFO("stats"))["total_reads_processed"].flatMap { Int($0) } ?? 0
            #expect(try await client.send(GET("n")) == ByteBuffer(string: "2000"))
            #expect(after - before < 1_000, "\(after - before) reads for 2000 commands")
        }
    }

    @Test func `a caller on the connection's own event loop is served`() async throws {
        try await withSuiteClient { client async throws in
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let replies: [RedisReply] = try await loop.makeFutureWithTask {
                await client.execute(EncodedPipeline(PING()), deadlineMs: nil)
            }.get()
            #expect(replies.count == 1)
        }
    }
}
