// The right to do a thing that one process at a time may do, whoever else runs.

import Redis

/// A key that holds the token of whoever has the right, and ends by itself should that one die.
package struct Lease: Sendable {
    private let client: RedisClient
    private let key: String
    /// What the lease holds while it is ours; who relies on it for more than saving work checks it in a function.
    package let token: String
    /// How long it lasts unless it is extended, in milliseconds.
    package let durationMs: Int

    init(client: RedisClient, key: String, token: String, durationMs: Int) {
        self.client = client
        self.key = key
        self.token = token
        self.durationMs = durationMs
    }

    /// Takes the lease, or keeps it if it is ours; false if somebody else has it.
    package func take() async throws -> Bool {
        try await StoreError.mapping {
            let isTaken = try await client.send(
                SET(key, .string(token), expiry: .milliseconds(durationMs), condition: .ifAbsent))
            return isTaken ? true : try await extend()
        }
    }

    /// Makes the lease last from now on; false if it is lost.
    package func extend() async throws -> Bool {
        try await StoreError.mapping {
            let reply = try await client.send(
                FCALL(
                    "lease_extend", keys: [key], arguments: [.string(token), .integer(durationMs)],
                    isIdempotent: true))
            return reply == .integer(1)
        }
    }

    /// Gives the lease back.
    package func giveBack() async throws {
        try await StoreError.mapping {
            _ = try await client.send(
                FCALL("lease_release", keys: [key], arguments: [.string(token)], isIdempotent: true))
        }
    }
}
