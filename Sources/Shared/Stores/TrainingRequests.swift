// Asking for training and watching it: what the command, the gateway and the console do. The trainer's own side is
// TrainingQueue.

import NIOCore
package import Redis

/// What became of asking for a run.
package struct TrainingTicket: Sendable, Hashable {
    /// The run that will do it.
    package let run: String
    /// Whether the same had been asked for already and still waits.
    package let isJoined: Bool

    package init(run: String, isJoined: Bool) {
        self.run = run
        self.isJoined = isJoined
    }

    init?(_ reply: RESPValue) throws(RedisError) {
        if case .null = reply { return nil }
        let parts = try reply.elements(atLeast: 2)
        self.init(run: try parts[0].as(), isJoined: try parts[1].as(Int.self) == 1)
    }
}

/// Asks for training runs, cancels and shows them.
package struct TrainingRequests: Sendable {
    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// A name for a new run: its time, and a number against another one of the same second.
    package static func newID(nowMs: Int64) -> String {
        "t\(nowMs)-\(String(UInt32.random(in: 0...0xFFFFF), radix: 36))"
    }

    /// Asks for a run and rings the bell. The same request, if it still waits, is joined.
    /// - Parameters:
    ///   - mode: nil for the one that the trainer is configured with.
    ///   - who: who asks, for people; blanks become dashes.
    package func request(_ mode: TrainingMode?, by who: String, nowMs: Int64) async throws -> TrainingTicket {
        let call = FCALL(
            "training_request", keys: [Keys.trainingPending, Keys.trainingRuns],
            arguments: Self.arguments(mode, by: who, nowMs: nowMs), isIdempotent: true)
        return try await StoreError.mapping {
            guard let ticket = try TrainingTicket(try await client.send(call)) else {
                throw StoreError(.corrupted, "training_request answered no run; reload redis/functions")
            }
            return ticket
        }
    }

    static func arguments(_ mode: TrainingMode?, by who: String, nowMs: Int64) -> [RedisArgument] {
        let who = String(who.prefix(64).map { $0.isWhitespace ? "-" : $0 })
        return [
            .string(newID(nowMs: nowMs)), .string(mode?.rawValue ?? ""), .string(who), .string(String(nowMs)),
        ]
    }

    /// Cancels a run: one that waits at once, one in hand as soon as its trainer hears of it. The state that it has
    /// now, `running` if the trainer was asked; nil if there is no such run.
    package func cancel(_ run: String, nowMs: Int64) async throws -> TrainingRun.State? {
        let call = FCALL(
            "training_cancel", keys: [Keys.trainingPending], arguments: [.string(run), .string(String(nowMs))],
            isIdempotent: true)
        return try await StoreError.mapping {
            let reply = try await client.send(call)
            guard reply != .null else { return nil }
            let text = try reply.as(String.self)
            return text == "asked" ? .running : TrainingRun.State(rawValue: text)
        }
    }

    /// A run; nil if there is none, or not any more.
    package func run(_ id: String) async throws -> TrainingRun? { try await runs([id]).first }

    /// The latest runs, newest request first.
    package func latest(countMax: Int) async throws -> [TrainingRun] {
        let ids = try await StoreError.mapping {
            try await client.send(ZRANGE(Keys.trainingRuns, 0, max(0, countMax - 1), reversed: true))
        }
        return try await runs(ids.map { String(buffer: $0) })
    }

    private func runs(_ ids: [String]) async throws -> [TrainingRun] {
        try await StoreError.mapping {
            let hashes = try await client.pipeline(ids.map { HGETALL(Keys.trainingRun($0)) })
            return zip(ids, hashes).compactMap { id, pairs in
                guard !pairs.isEmpty else { return nil }
                let fields = pairs.map { (String(buffer: $0.field), String(buffer: $0.value)) }
                return TrainingRun(id: id, fields: Dictionary(fields) { first, _ in first })
            }
        }
    }

    /// How many requests wait, and which trainer works, nil if none does.
    package func queue() async throws -> (waiting: Int, trainer: String?) {
        try await StoreError.mapping {
            let (waiting, trainer) = try await client.pipeline(
                LLEN(Keys.trainingPending), GET(Keys.trainingLease))
            return (waiting, trainer.map { String(buffer: $0) })
        }
    }
}
