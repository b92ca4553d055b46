// What the tests of the stores share: stores on a Redis of their own, and events.

import Fixtures
import Models
import Redis
import Stores
import TestServers
import Testing

/// Runs `body` with stores on a new Redis.
func withStores(
    partitions: Int = 1, _ body: (RedisStores) async throws -> Void
) async throws {
    try await withRedisServer { server in
        try await withStores(on: server, partitions: partitions, body)
    }
}

/// The fields of a view.
func view(_ user: String, _ item: String) throws -> (user: UserID, fields: [(name: String, value: String)]) {
    (try #require(UserID(user)), [(name: "user_id", value: user), (name: "item_id", value: item)])
}

extension RedisStores {
    /// Appends views of one user; their ids.
    @discardableResult
    func append(_ user: String, items: [String]) async throws -> [StreamID] {
        try await events.append(items.map { try view(user, $0) }).map { try $0.get() }
    }

    /// What a command answers.
    func ask(_ name: String, _ arguments: RedisArgument...) async throws -> RESPValue {
        try await client.send(RawCommand(name, arguments))
    }
}

/// Random numbers that are the same in every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
