// How soon events show, as each features consumer counts it: for the gateway, which shows it to people and cannot ask them.

import NIOCore
import Redis

/// Writes and reads the freshness histograms of features consumers.
package struct FreshnessFigures: Sendable {
    /// A histogram that is not written again for so long is gone, in seconds.
    private static let ttlSeconds = 60

    private let client: RedisClient

    init(client: RedisClient) { self.client = client }

    /// Says what `instance` has counted since it started: values by bucket, the one without bound last.
    package func note(_ counts: [Int64], instance: String) async throws {
        let text = counts.map(String.init).joined(separator: " ")
        try await StoreError.mapping {
            _ = try await client.send(HSET(Keys.freshness, [(field: instance, value: .string(text))]))
            _ = try await client.send(EXPIRE(Keys.freshness, seconds: Self.ttlSeconds))
        }
    }

    /// Takes an instance off, when it stops.
    package func leave(_ instance: String) async throws {
        try await StoreError.mapping { _ = try await client.send(HDEL(Keys.freshness, [instance])) }
    }

    /// What each instance has counted since it started.
    package func counts(deadlineMs: Int? = nil) async throws -> [String: [Int64]] {
        try await StoreError.mapping {
            var counts: [String: [Int64]] = [:]
            for (field, value) in try await client.send(HGETALL(Keys.freshness), deadlineMs: deadlineMs) {
                counts[String(buffer: field)] = String(buffer: value).split(separator: " ").compactMap { Int64($0) }
            }
            return counts
        }
    }
}
