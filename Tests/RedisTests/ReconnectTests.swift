// A server that dies and comes back: every call ends, with its result or a typed error, and nothing that must run only
// once runs twice.

import Fixtures
import NIOCore
import Redis
import Synchronization
import TestServers
import Testing

/// What the callers of a load share.
private final class Load: Sendable {
    let isOver = Atomic<Bool>(false)
    let answered = Atomic<Int>(0)
}

@Suite(.timeLimit(.minutes(1)))
struct ReconnectTests {
    private func withClient<Value: Sendable>(
        _ settings: Setting..., isPersistent: Bool = false,
        _ body: (RedisServer, RedisClient) async throws -> Value
    ) async throws -> Value {
        var options = RedisServer.Options()
        options.isPersistent = isPersistent
        return try await withRedisServer(options) { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.deadlineMs = 20_000
            configuration.connectDeadlineMs = 20_000
            for setting in settings { setting.apply(&configuration) }
            return try await withRedisClient(configuration) { client in try await body(server, client) }
        }
    }

    @Test func `every call under load ends while the server is killed and restarted`() async throws {
        try await withClient(.set(\.connectionCount, 2)) { server, client async throws in
            let load = Load()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<64 {
                    group.addTask {
                        while !load.isOver.load(ordering: .relaxed), !Task.isCancelled {
                            let text = "\(caller)"
                            let (set, get) = await client.pipelineResults(
                                SET("k\(caller)", .string(text)), GET("k\(caller)"), deadlineMs: 200)
                            for case .failure(let error) in [set.map { _ in () }, get.map { _ in () }] {
                                #expect([.connectFailed, .connectionLost, .deadlineExceeded].contains(error.code))
                            }
                            guard case .success(let value) = get else { continue }
                            if case .success = set { #expect(value.map { String(buffer: $0) } == text) }
                            load.answered.wrappingAdd(1, ordering: .relaxed)
                        }
                    }
                }
                for _ in 0..<3 {
                    let before = load.answered.load(ordering: .relaxed)
                    try await eventually("calls are answered") { load.answered.load(ordering: .relaxed) > before + 100 }
                    try await server.restart()
                }
                let before = load.answered.load(ordering: .relaxed)
                try await eventually("calls are answered again") {
                    load.answered.load(ordering: .relaxed) > before + 100
                }
                load.isOver.store(true, ordering: .relaxed)
                try await group.waitForAll()
            }
            #expect(client.counters.commandsInFlight == 0)
            #expect(client.counters.reconnectCount >= 2)
        }
    }

    @Test func `an idempotent call is repeated over a restart without its caller noticing`() async throws {
        try await withClient(isPersistent: true) { server, client async throws in
            _ = try await client.send(SET("k", "v"))
            async let slow = client.send(RawCommand("DEBUG", ["SLEEP", "5"], isIdempotent: true), deadlineMs: 30_000)
            async let get = client.send(GET("k"), deadlineMs: 30_000)
            try await eventually("both are under way") { client.counters.commandsInFlight == 2 }
            // The second attempt sleeps on the new server; killing that one as well ends the attempts sooner.
            try await server.restart()
            #expect(try await get == ByteBuffer(string: "v"))
            #expect(client.counters.retryCount >= 1)
            _ = try await slow
        }
    }

    @Test func `a call that must not run twice fails with the news`() async throws {
        try await withClient(isPersistent: true) { server, client async throws in
            _ = try await client.send(PING())
            let lost = try await withRedisClient(try RedisConfiguration(url: server.url)) { observer in
                _ = try await observer.send(RawCommand("CLIENT PAUSE", [600_000, "WRITE"]))
                let lost = Task { await client.pipelineResults(GET("k"), INCR("n"), GET("k"), deadlineMs: 30_000) }
                // The first command is executed, so the server has all of them; the second waits for the pause to end.
                try await eventually("the server has the pipeline") {
                    try await observer.send(INFO("commandstats"))["cmdstat_get"] != nil
                }
                return lost
            }
            await server.kill()
            let (_, counted, behind) = await lost.value
            let error = #expect(throws: RedisError.self) { try counted.get() }
            #expect(error?.code == .connectionLost)
            #expect(error?.wasPossiblyExecuted == true)
            #expect(error?.isRetriable == false)
            // The command behind it could be repeated, but not ahead of the one that could not.
            #expect(throws: RedisError.self) { try behind.get() }
            #expect(client.counters.retryCount == 0)
        }
    }

    @Test func `calls wait for the server until their deadline`() async throws {
        try await withClient { server, client async throws in
            _ = try await client.send(PING())
            await server.kill()
            try await eventually("the client has noticed") { client.counters.connectionsReady == 0 }
            let error = await #expect(throws: RedisError.self) { try await client.send(INCR("n"), deadlineMs: 50) }
            #expect(error?.code == .connectFailed)
            #expect(error?.wasPossiblyExecuted == false)
            #expect(error?.isRetriable == true)
            async let patient = client.send(INCR("n"), deadlineMs: 30_000)
            try await eventually("the call waits") { client.counters.waiters == 1 }
            try await server.restart()
            #expect(try await patient == 1)
        }
    }

    @Test func `waiting callers are bounded and can be cancelled`() async throws {
        try await withClient(.set(\.waiterCountMax, 2)) { server, client async throws in
            _ = try await client.send(PING())
            await server.kill()
            try await eventually("the client has noticed") { client.counters.connectionsReady == 0 }
            let waiting = (0..<2).map { _ in Task { await client.pipelineResults(PING(), deadlineMs: 60_000) } }
            try await eventually("both wait") { client.counters.waiters == 2 }
            let error = await #expect(throws: RedisError.self) { try await client.send(PING(), deadlineMs: 60_000) }
            #expect(error?.code == .overloaded)
            for task in waiting { task.cancel() }
            for task in waiting {
                let result = await task.value
                let error = #expect(throws: RedisError.self) { try result.get() }
                #expect(error?.code == .cancelled)
            }
            #expect(client.counters.waiters == 0)
        }
    }

    @Test func `dedicated connections are bounded`() async throws {
        try await withClient(.set(\.dedicatedConnectionCountMax, 1)) { _, client async throws in
            try await client.withDedicatedConnection { _ async throws in
                let error = await #expect(throws: RedisError.self) {
                    try await client.withDedicatedConnection { _ in }
                }
                #expect(error?.code == .overloaded)
            }
            try await client.withDedicatedConnection { _ = try await $0.send(PING()) }
        }
    }

    @Test func `heartbeats keep an idle connection and its figures as they are`() async throws {
        try await withClient(.set(\.heartbeatMs, 10)) { server, client in
            _ = try await client.send(PING())
            let observer = try RedisConfiguration(url: server.url)
            try await withRedisClient(observer) { observer in
                let before = try await observer.send(INFO("commandstats"))["cmdstat_ping"]
                try await eventually("a heartbeat was sent") {
                    try await observer.send(INFO("commandstats"))["cmdstat_ping"] != before
                }
            }
            #expect(try await client.send(RawCommand("ECHO", ["mine"])).as(String.self) == "mine")
            #expect(client.counters.commandsInFlight == 0)
            #expect(client.counters.reconnectCount == 0)
        }
    }
}
