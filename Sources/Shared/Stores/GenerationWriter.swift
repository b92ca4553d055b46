// Writing a generation: beside the live one, visible to nobody until it is whole, and removed again without a burst.

package import Models
import NIOCore
package import Redis

/// One list of a generation, ready to be written.
package enum GenerationList: Sendable {
    case offline(UserID, [ScoredItem])
    case similar(ItemID, [ScoredItem])
    /// A nil category stands for the whole catalogue.
    case popular(category: String?, [ScoredItem])
    case item(ItemID, CatalogueItem)

    func key(_ generation: Int) -> String {
        switch self {
        case .offline(let user, _): Keys.offline(generation, user)
        case .similar(let item, _): Keys.similar(generation, item)
        case .popular(let category, _): Keys.popular(generation, category: category)
        case .item(let item, _): Keys.item(generation, item)
        }
    }

    var value: RedisArgument {
        switch self {
        case .offline(_, let items), .similar(_, let items), .popular(_, let items):
            var bytes: [UInt8] = []
            bytes.reserveCapacity(items.count * 16)
            ItemListText.append(items, to: &bytes)
            return .bytes(bytes)
        case .item(_, let item): return .string(item.text)
        }
    }
}

/// Creates, fills, finishes and removes generations.
package struct GenerationWriter: Sendable {
    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// Opens a new generation for a release and returns its number. It is in the index at once, so a loader that dies
    /// leaves nothing behind that nobody knows of.
    /// - Parameter request: What it is loaded for, as it stands in `releases:latest`; noted until the request's outcome is.
    package func open(release: String, request: String? = nil, nowMs: Int64) async throws -> Int {
        try await StoreError.mapping {
            let generation = try await client.send(INCR(Keys.generationSequence))
            _ = try await client.send(
                ZADD(Keys.generationIndex, [(score: Double(generation), member: String(generation))]))
            var fields = ["state": "loading", "release": release, "started_at_ms": String(nowMs)]
            fields["request"] = request
            try await setMeta(generation, fields)
            return generation
        }
    }

    /// Writes lists in one pipeline. Throws the first failure; an out-of-memory one among them has code `full`.
    package func write(_ lists: [GenerationList], generation: Int) async throws {
        try await StoreError.mapping {
            _ = try await client.pipeline(lists.map { SET($0.key(generation), $0.value) })
        }
    }

    /// Declares a generation whole, with the figures that describe it.
    package func finish(_ generation: Int, figures: [String: String], nowMs: Int64) async throws {
        try await StoreError.mapping {
            var fields = figures
            fields["state"] = "ready"
            fields["loaded_at_ms"] = String(nowMs)
            try await setMeta(generation, fields)
        }
    }

    /// Declares that a generation is not to become live; the retirement removes it.
    package func refuse(_ generation: Int) async throws {
        try await StoreError.mapping { try await setMeta(generation, ["state": "refused"]) }
    }

    /// Declares that a generation's answers are not compared with another's any more.
    package func endWatch(_ generation: Int) async throws {
        try await StoreError.mapping {
            _ = try await client.send(HDEL(Keys.meta(generation), ["watch_against"]))
        }
    }

    /// Removes a generation at a bounded pace. Interrupted, it leaves the generation in the index, so that it is found again.
    /// - Returns: How many keys were removed.
    package func remove(_ generation: Int, keysPerSecond: Int) async throws -> Int {
        let countPerStep = 1000
        try await StoreError.mapping { try await setMeta(generation, ["state": "retiring"]) }
        var removed = 0
        var cursor = "0"
        repeat {
            let started = ContinuousClock.now
            let (next, count) = try await StoreError.mapping {
                let page = try await client.send(
                    SCAN(cursor: cursor, pattern: Keys.pattern(generation), count: countPerStep))
                // The meta key goes last: while it exists, the generation says that it is being removed.
                let keys = page.keys.filter { $0 != Keys.meta(generation) }
                if !keys.isEmpty { _ = try await client.send(UNLINK(keys)) }
                return (page.cursor, keys.count)
            }
            cursor = next
            removed += count
            // The pace counts what SCAN looked at too: over a large keyspace that is most of the work.
            try await Task.sleep(until: started + .milliseconds(max(count, countPerStep / 10) * 1000 / keysPerSecond))
        } while cursor != "0"
        try await StoreError.mapping {
            _ = try await client.send(UNLINK([Keys.meta(generation)]))
            _ = try await client.send(ZREM(Keys.generationIndex, [String(generation)]))
        }
        return removed
    }

    /// Bytes that Redis uses, and may use; nil if it has no limit.
    package func memory() async throws -> (usedBytes: Int, limitBytes: Int?) {
        try await StoreError.mapping {
            let figures = try await client.send(INFO("memory"))
            let limit = figures["maxmemory"].flatMap { Int($0) } ?? 0
            return (figures["used_memory"].flatMap { Int($0) } ?? 0, limit > 0 ? limit : nil)
        }
    }

    private func setMeta(_ generation: Int, _ fields: [String: String]) async throws {
        _ = try await client.send(
            HSET(
                Keys.meta(generation),
                fields.sorted { $0.key < $1.key }.map { (field: $0.key, value: .string($0.value)) }))
    }
}
