// Gives a suite one redis-server, started before its first test and ended behind its last.

import Redis
import TestServers
import Testing

/// The server of the suite whose test is running.
enum SuiteServer {
    @TaskLocal static var current: RedisServer?

    /// The suite's server; fails the test when the suite lacks the trait.
    static func require() throws -> RedisServer { try #require(current, "the suite needs the trait .redisServer") }
}

struct RedisServerTrait: SuiteTrait, TestScoping {
    var isRecursive: Bool { false }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            try await SuiteServer.$current.withValue(server) { try await body() }
        }
    }
}

extension Trait where Self == RedisServerTrait {
    /// One redis-server for the whole suite.
    static var redisServer: RedisServerTrait { RedisServerTrait() }
}

/// One change to a configuration.
struct Setting {
    let apply: (inout RedisConfiguration) -> Void

    static func set<Value>(_ path: WritableKeyPath<RedisConfiguration, Value>, _ value: Value) -> Setting {
        Setting { $0[keyPath: path] = value }
    }
}

/// Runs a client of the suite's server beside `body`, on an empty database.
func withSuiteClient<Value: Sendable>(
    _ settings: Setting..., libraries: [RedisFunctionLibrary] = [],
    _ body: (RedisClient) async throws -> Value
) async throws -> Value {
    var configuration = try RedisConfiguration(url: SuiteServer.require().url)
    // Generous, since the machine may be busy with other tests: no test passes by this deadline.
    configuration.deadlineMs = 20_000
    configuration.connectDeadlineMs = 20_000
    for setting in settings { setting.apply(&configuration) }
    return try await withRedisClient(configuration, libraries: libraries) { client in
        _ = try await client.send(RawCommand("FLUSHALL"))
        return try await body(client)
    }
}

/// Keeps the suite's server from executing writes while `body` runs: a client that sends one gets no reply to it, nor to
/// anything behind it, until the end. Unlike a slow command this leaves no outcome to the speed of the machine.
func withWritesPaused<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    var configuration = try RedisConfiguration(url: SuiteServer.require().url)
    configuration.deadlineMs = 20_000
    return try await withRedisClient(configuration) { observer in
        _ = try await observer.send(RawCommand("CLIENT PAUSE", [600_000, "WRITE"]))
        do {
            let value = try await body()
            _ = try await observer.send(RawCommand("CLIENT UNPAUSE"))
            return value
        } catch {
            _ = try await observer.send(RawCommand("CLIENT UNPAUSE"))
            throw error
        }
    }
}
