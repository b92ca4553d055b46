// Which instances are alive, and which of them have taken a generation in: what `freshet reload --wait` waits for.

import NIOCore
package import Redis

/// Signs of life and acknowledgements of instances.
package struct InstanceRegistry: Sendable {
    /// How often an instance gives a sign of life.
    package static let heartbeatMs = 2000
    /// An instance silent for so long is not waited for.
    package static let silenceMaxMs: Int64 = 10_000

    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// Says that `instance` (role@host:pid) is alive, and removes those that are not.
    package func beat(_ instance: String, nowMs: Int64) async throws {
        try await StoreError.mapping {
            _ = try await client.send(ZADD(Keys.instances, [(score: Double(nowMs), member: instance)]))
            _ = try await client.send(
                ZREMRANGEBYSCORE(
                    Keys.instances, from: .lowest, through: .exclusive(Double(nowMs - Self.silenceMaxMs))))
            _ = try await client.send(EXPIRE(Keys.instances, seconds: 3600))
        }
    }

    /// Takes an instance off the list, when it stops.
    package func leave(_ instance: String) async throws {
        try await StoreError.mapping { _ = try await client.send(ZREM(Keys.instances, [instance])) }
    }

    /// The instances that are alive.
    package func alive(nowMs: Int64) async throws -> [String] {
        try await StoreError.mapping {
            try await client.send(
                ZRANGEBYSCORE(
                    Keys.instances, from: .inclusive(Double(nowMs - Self.silenceMaxMs)), through: .highest)
            ).map { String(buffer: $0.member) }.sorted()
        }
    }

    /// Says that `instance` works with a generation from now on.
    package func acknowledge(_ generation: Int, instance: String, nowMs: Int64) async throws {
        try await StoreError.mapping {
            let key = Keys.generationAcks(generation)
            _ = try await client.send(HSET(key, [(field: instance, value: .string(String(nowMs)))]))
            _ = try await client.send(EXPIRE(key, seconds: 7 * 86_400))
        }
    }

    /// When each instance took a generation in, Unix ms.
    package func acknowledgements(of generation: Int) async throws -> [String: Int64] {
        try await StoreError.mapping {
            let fields = try await client.send(HGETALL(Keys.generationAcks(generation)))
            return Dictionary(
                fields.map { (String(buffer: $0.field), Int64(String(buffer: $0.value)) ?? 0) }
            ) { first, _ in first }
        }
    }
}
