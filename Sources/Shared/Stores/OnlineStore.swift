// The online state: per user a hash with one field per item touched lately. Written by redis/functions/online.lua alone.

package import Models
package import NIOCore
package import Redis

/// One event's effect on a user's online state.
package struct OnlineUpdate: Sendable {
    /// The event in its place on the stream.
    package let event: StreamedEvent
    /// The generation of `similar`.
    package let generation: Int
    /// The text of the touched item's list of similar items, as the generation holds it.
    package let similar: ByteBuffer?

    package init(event: StreamedEvent, generation: Int, similar: ByteBuffer?) {
        self.event = event
        self.generation = generation
        self.similar = similar
    }
}

/// What became of an update.
package enum OnlineOutcome: Int, Sendable {
    /// The touch is in the state.
    case applied = 1
    /// The state already holds as new a touch, or newer ones only.
    case older = 0
    /// An entry with the same event id came first.
    case repeated = -1
}

/// Reads and writes users' online state.
package struct OnlineStore: Sendable {
    /// How many producers' event ids are remembered for a user.
    package static let eventIDsMax = 100
    /// For how long they are remembered.
    package static let eventIDTTLSeconds = 86_400
    /// Users without an event for so long are not swept after a switch; their fields are fetched anew when they come back.
    package static let activeWindowMs: Int64 = 7 * 86_400_000

    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// Applies updates in their order, in one pipeline; an outcome or an error for each.
    package func apply(
        _ updates: [OnlineUpdate], itemsMax: Int, ttlSeconds: Int
    ) async -> [Result<OnlineOutcome, StoreError>] {
        await apply(updates, itemsMax: itemsMax, ttlSeconds: ttlSeconds, scoring: nil).map { $0.map(\.outcome) }
    }

    /// Applies updates in their order, in one pipeline; what became of each, or an error. Events of the users who are
    /// sampled are scored in the same step.
    package func apply(
        _ updates: [OnlineUpdate], itemsMax: Int, ttlSeconds: Int, scoring: ListScoring?
    ) async -> [Result<AppliedTouch, StoreError>] {
        let calls = updates.map { update in
            let (keys, arguments) = Self.call(update, itemsMax: itemsMax, ttlSeconds: ttlSeconds)
            guard let scoring, scoring.sample.contains(update.event.event.user) else {
                return FCALL("online_apply", keys: keys, arguments: arguments, isIdempotent: true)
            }
            let user = update.event.event.user
            return FCALL(
                "online_apply_scored", keys: keys + [Keys.served(user), Keys.scored(user)],
                arguments: scoring.arguments + arguments, isIdempotent: true)
        }
        return await client.pipelineResults(calls).map { result in
            result.mapError(StoreError.init).flatMap { reply in
                guard let touch = AppliedTouch(reply) else {
                    return .failure(StoreError(.corrupted, "online_apply answered \(reply); reload redis/functions"))
                }
                return .success(touch)
            }
        }
    }

    private static func call(
        _ update: OnlineUpdate, itemsMax: Int, ttlSeconds: Int
    ) -> (keys: [String], arguments: [RedisArgument]) {
        let event = update.event.event
        let head = OnlineEntry(
            item: event.item, timestampMs: update.event.effectiveMs, id: update.event.id, type: event.type,
            generation: update.generation, similar: []
        ).head
        var value = ByteBuffer(string: head)
        if let similar = update.similar { value.writeImmutableBuffer(similar) }
        var arguments: [RedisArgument] = [
            .string(event.item.text), .buffer(value), .integer(itemsMax), .integer(ttlSeconds),
        ]
        if let eventID = event.eventID {
            arguments += [.string(eventID), .integer(eventIDsMax), .integer(eventIDTTLSeconds)]
        }
        return ([Keys.online(event.user), Keys.seenEventIDs(event.user)], arguments)
    }

    /// A user's touches, newest first; empty for a user without any.
    package func entries(of user: UserID, deadlineMs: Int? = nil) async throws -> [OnlineEntry] {
        try await StoreError.mapping {
            Self.read(try await client.send(HGETALL(Keys.online(user)), deadlineMs: deadlineMs))
        }
    }

    /// Fields as they come from Redis, newest first; a field that is not of our form is passed over. Only the newest
    /// `listsMax` have their similar items read.
    static func read(
        _ fields: [(field: ByteBuffer, value: ByteBuffer)], listsMax: Int = .max
    ) -> [OnlineEntry] {
        // Heads are sorted, not entries: these would be moved about with all that they hold.
        var touches: [Touch] = []
        touches.reserveCapacity(fields.count)
        for index in fields.indices {
            let value = fields[index].value
            guard let head = OnlineEntry.Head(value.readableBytesUInt8Span) else { continue }
            touches.append(Touch(head: head, field: index))
        }
        touches.sort { $0.head.isNewer(than: $1.head) }
        var entries: [OnlineEntry] = []
        entries.reserveCapacity(touches.count)
        for touch in touches {
            let (field, value) = fields[touch.field]
            guard let item = ItemID(utf8: field.readableBytesUInt8Span) else { continue }
            entries.append(
                OnlineEntry(
                    item: item, head: touch.head, value: value.readableBytesUInt8Span,
                    readsSimilar: entries.count < listsMax))
        }
        return entries
    }

    /// A touch, and which field it was read from.
    private struct Touch {
        let head: OnlineEntry.Head
        let field: Int
    }

    /// Puts another generation's similar items under touches that are still the user's; the number replaced.
    package func rederive(_ user: UserID, _ entries: [(entry: OnlineEntry, similar: ByteBuffer?)]) async throws -> Int {
        guard !entries.isEmpty else { return 0 }
        let arguments: [RedisArgument] = entries.flatMap { entry, similar in
            var value = ByteBuffer(string: entry.head)
            if let similar { value.writeImmutableBuffer(similar) }
            return [RedisArgument.string(entry.item.text), .buffer(value)]
        }
        return try await StoreError.mapping {
            let reply = try await client.send(
                FCALL("online_rederive", keys: [Keys.online(user)], arguments: arguments, isIdempotent: true))
            guard case .integer(let count) = reply else { return 0 }
            return count
        }
    }

    /// Remembers that these users were active, for the sweep after a switch.
    package func markActive(_ users: [UserID: Int64], nowMs: Int64) async throws {
        guard !users.isEmpty else { return }
        try await StoreError.mapping {
            _ = try await client.send(
                ZADD(Keys.usersActive, users.map { (score: Double($0.value), member: $0.key.text) }))
            _ = try await client.send(
                ZREMRANGEBYSCORE(
                    Keys.usersActive, from: .lowest, through: .inclusive(Double(nowMs - Self.activeWindowMs))))
            _ = try await client.send(EXPIRE(Keys.usersActive, seconds: 30 * 86_400))
        }
    }

    /// Up to `countMax` users who were active after `sinceMs`, oldest first, each with the time of the last event.
    package func activeUsers(
        after sinceMs: Int64, countMax: Int
    ) async throws -> [(user: UserID, lastMs: Int64)] {
        try await StoreError.mapping {
            try await client.send(
                ZRANGEBYSCORE(
                    Keys.usersActive, from: .exclusive(Double(sinceMs)), through: .highest, limit: countMax)
            ).compactMap { member, score in
                UserID(String(buffer: member)).map { (user: $0, lastMs: Int64(score)) }
            }
        }
    }

    /// The users who were active last, newest first.
    package func latestUsers(countMax: Int) async throws -> [UserID] {
        try await StoreError.mapping {
            try await client.send(ZRANGE(Keys.usersActive, 0, countMax - 1, reversed: true))
                .compactMap { UserID(String(buffer: $0)) }
        }
    }
}
