// Generations as a whole: which are loaded, which is live, and the switch between them. The lists themselves are read by
// GenerationLists and written by GenerationWriter.

import NIOCore
package import Redis

/// What is known of a loaded generation, `gen:<n>:meta`.
package struct GenerationInfo: Sendable, Hashable {
    /// Its number.
    package let generation: Int
    /// `loading`, `ready`, `waiting` for a person, `refused` or `retiring`.
    package let state: String
    /// The release that it was loaded from.
    package let release: String
    /// All fields of the meta hash.
    package let fields: [String: String]

    package init(generation: Int, state: String, release: String, fields: [String: String]) {
        self.generation = generation
        self.state = state
        self.release = release
        self.fields = fields
    }

    /// When it became live last, Unix ms.
    package var activatedAtMs: Int64? { fields["activated_at_ms"].flatMap { Int64($0) } }
    /// When another became live instead, Unix ms.
    package var supersededAtMs: Int64? { fields["superseded_at_ms"].flatMap { Int64($0) } }
    /// The request that it was loaded for, as long as its outcome is not recorded.
    package var request: String? { fields["request"] }
    /// Who made it live although it had to wait, if somebody did.
    package var approvedBy: String? { fields["approved_by"] }
    /// Why it was taken back, if it was.
    package var withdrawnReason: String? { fields["withdrawn_reason"] }
    /// The generation that was live before, if the loader made this one live and watches it.
    package var watchedAgainst: Int? { fields["watch_against"].flatMap { Int($0) } }
}

/// Reads and moves the pointer to the live generation.
package struct GenerationStore: Sendable {
    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// The live generation; nil before the first one.
    package func active(deadlineMs: Int? = nil) async throws -> Int? {
        try await StoreError.mapping {
            try await client.send(GET(Keys.generationActive), deadlineMs: deadlineMs).flatMap {
                Int(String(buffer: $0))
            }
        }
    }

    /// The generations that were live before, the latest first.
    package func previous() async throws -> [Int] {
        try await StoreError.mapping {
            try await client.send(LRANGE(Keys.generationPrevious, 0, -1)).compactMap { Int(String(buffer: $0)) }
        }
    }

    /// What is known of a generation; nil if it has no keys.
    package func info(_ generation: Int) async throws -> GenerationInfo? {
        try await StoreError.mapping {
            let pairs = try await client.send(HGETALL(Keys.meta(generation)))
            guard !pairs.isEmpty else { return nil }
            let fields = Dictionary(
                pairs.map { (String(buffer: $0.field), String(buffer: $0.value)) }
            ) { first, _ in first }
            return GenerationInfo(
                generation: generation, state: fields["state"] ?? "", release: fields["release"] ?? "", fields: fields)
        }
    }

    /// All generations that have keys in Redis, oldest first.
    package func all() async throws -> [GenerationInfo] {
        let numbers = try await StoreError.mapping {
            try await client.send(ZRANGE(Keys.generationIndex, 0, -1)).compactMap { Int(String(buffer: $0)) }
        }
        var infos: [GenerationInfo] = []
        for number in numbers {
            infos.append(
                try await info(number)
                    ?? GenerationInfo(generation: number, state: "retiring", release: "", fields: [:]))
        }
        return infos
    }

    /// Makes a loaded generation live and rings `generations`; the one that was live before.
    /// - Parameter leaseToken: The loader's lease, without which another loader may have taken over; nil for an operator.
    @discardableResult
    package func activate(_ generation: Int, kept: Int, nowMs: Int64, leaseToken: String? = nil) async throws -> Int? {
        // An operator's call does not name the lease, so that it needs no right to it.
        let keys = [Keys.generationActive, Keys.generationPrevious] + (leaseToken == nil ? [] : [Keys.loaderLease])
        let call = FCALL(
            "generation_activate", keys: keys,
            arguments: [
                .string(String(generation)), .integer(kept), .string(String(nowMs)), .string(leaseToken ?? ""),
            ], isIdempotent: true)
        return try await StoreError.mapping { try await client.send(call).generationNumber }
    }

    /// Makes the generation live that was live before; which one that is.
    package func rollBack(nowMs: Int64) async throws -> Int {
        let call = FCALL(
            "generation_rollback", keys: [Keys.generationActive, Keys.generationPrevious],
            arguments: [.string(String(nowMs))])
        return try await StoreError.mapping {
            guard let generation = try await client.send(call).generationNumber else {
                throw StoreError(.corrupted, "generation_rollback answered no generation; reload redis/functions")
            }
            return generation
        }
    }

    /// Lets a generation that is ready wait for a person. `leaseToken` is the loader's.
    package func hold(_ generation: Int, leaseToken: String) async throws {
        let call = FCALL(
            "generation_hold", keys: [Keys.loaderLease],
            arguments: [.string(String(generation)), .string(leaseToken)], isIdempotent: true)
        try await StoreError.mapping { _ = try await client.send(call) }
    }

    /// Makes the generation live that waits, by a person's word; its request counts as handled.
    package func approve(_ generation: Int, by: String, kept: Int, nowMs: Int64) async throws {
        let call = FCALL(
            "generation_approve", keys: [Keys.generationActive, Keys.generationPrevious, Keys.releasesHandled],
            arguments: [
                .string(String(generation)), .integer(kept), .string(String(nowMs)), .string(by),
            ])
        try await StoreError.mapping { _ = try await client.send(call) }
    }

    /// Gives the generation up that waits, by a person's word; its request counts as refused.
    package func reject(_ generation: Int, reason: String, nowMs: Int64) async throws {
        let call = FCALL(
            "generation_reject", keys: [Keys.releasesHandled],
            arguments: [.string(String(generation)), .string(reason), .string(String(nowMs))])
        try await StoreError.mapping { _ = try await client.send(call) }
    }

    /// Takes a generation back with which answers became worse; which one is live now, or nil if that one was not any more.
    package func withdraw(
        _ generation: Int, reason: String, leaseToken: String, nowMs: Int64
    ) async throws -> Int? {
        let call = FCALL(
            "generation_withdraw",
            keys: [Keys.generationActive, Keys.generationPrevious, Keys.loaderLease, Keys.releasesHandled],
            arguments: [
                .string(String(generation)), .string(String(nowMs)), .string(leaseToken), .string(reason),
            ])
        return try await StoreError.mapping { try await client.send(call).generationNumber }
    }
}

extension RESPValue {
    /// A generation as a function answers it.
    fileprivate var generationNumber: Int? {
        guard case .bulk(let bytes) = self else { return nil }
        return Int(String(buffer: bytes))
    }
}
