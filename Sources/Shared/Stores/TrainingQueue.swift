// The trainer's side of training on request: the lease with its fence, the run in hand, and the schedule's mark. Every
// change carries the fence and is refused once another trainer has a newer one.

import Redis

/// What a trainer is told when it reports.
package enum TrainingReply: Sendable, Hashable {
    case goOn
    /// Somebody cancelled the run.
    case cancel
    /// Another trainer has taken over.
    case superseded
}

/// A run as a trainer gets it.
package struct TrainingOrder: Sendable, Hashable {
    /// The run's name.
    package let run: String
    /// How it treats the model.
    package let mode: TrainingMode
    /// How often it has been begun, this time included.
    package let attempt: Int

    package init(run: String, mode: TrainingMode, attempt: Int) {
        self.run = run
        self.mode = mode
        self.attempt = attempt
    }
}

/// How a run ended.
package struct TrainingEnd: Sendable {
    package var state: TrainingRun.State
    /// The release that is to be loaded; nil for none.
    package var release: String?
    /// Why it failed.
    package var error: String?
    /// Figures by name.
    package var metrics: [String: Double]

    package init(
        _ state: TrainingRun.State, release: String? = nil, error: String? = nil, metrics: [String: Double] = [:]
    ) {
        self.state = state
        self.release = release
        self.error = error
        self.metrics = metrics
    }
}

/// Takes runs, one trainer at a time.
package struct TrainingQueue: Sendable {
    /// Figures kept of a run.
    private static let metricsMax = 200
    /// Bytes kept of an error's text.
    private static let errorBytesMax = 4096

    private let client: RedisClient
    /// This trainer among all others in the world.
    package let trainer: String
    /// After how long of silence another trainer may take over, in milliseconds.
    package let leaseMs: Int

    init(client: RedisClient, trainer: String, leaseMs: Int) {
        self.client = client
        self.trainer = trainer
        self.leaseMs = leaseMs
    }

    /// Whether a run waits, or was left behind; cheap, to be asked before the lease is taken.
    package func hasWork() async throws -> Bool {
        try await StoreError.mapping {
            let (waiting, active) = try await client.pipeline(
                LLEN(Keys.trainingPending), EXISTS([Keys.trainingActive]))
            return waiting + active > 0
        }
    }

    /// Takes the lease; its fence, nil if another trainer works.
    package func takeLease() async throws -> Int? {
        let call = FCALL(
            "training_lease", keys: [Keys.trainingLease, Keys.trainingFence],
            arguments: [.string(trainer), .integer(leaseMs)], isIdempotent: true)
        return try await StoreError.mapping {
            let reply = try await client.send(call)
            return try reply == .null ? nil : reply.as(Int.self)
        }
    }

    /// Gives the lease back, so that another trainer need not wait for its end.
    package func giveLeaseBack() async throws {
        try await Lease(client: client, key: Keys.trainingLease, token: trainer, durationMs: leaseMs).giveBack()
    }

    /// The next run: one that was left behind, else the first that waits; nil if there is none.
    /// - Parameters:
    ///   - attemptsMax: how often a run is begun before a trainer that dies of it is taken for its fault.
    ///   - mode: the mode where none is asked for.
    package func take(fence: Int, attemptsMax: Int, mode: TrainingMode, nowMs: Int64) async throws -> TrainingOrder? {
        let call = FCALL(
            "training_take",
            keys: [Keys.trainingFence, Keys.trainingActive, Keys.trainingPending, Keys.trainingRuns],
            arguments: [
                .integer(fence), .string(trainer), .string(String(nowMs)), .integer(attemptsMax),
                .string(mode.rawValue), .string(TrainingRequests.newID(nowMs: nowMs)),
            ])
        return try await StoreError.mapping {
            let reply = try await client.send(call)
            guard reply != .null else { return nil }
            let parts = try reply.elements(atLeast: 3)
            let word = try parts[1].as(String.self)
            return TrainingOrder(
                run: try parts[0].as(), mode: TrainingMode(rawValue: word) ?? mode, attempt: try parts[2].as())
        }
    }

    /// Gives a sign of life, and says how far the run is if `fields` has anything.
    package func report(
        _ run: String, fence: Int, _ fields: [(name: String, value: String)]
    ) async throws
        -> TrainingReply
    {
        var arguments: [RedisArgument] = [.integer(fence), .string(trainer), .integer(leaseMs), .string(run)]
        for field in fields { arguments += [.string(field.name), .string(field.value)] }
        let call = FCALL(
            "training_report", keys: [Keys.trainingFence, Keys.trainingLease], arguments: arguments,
            isIdempotent: true)
        return try await StoreError.mapping {
            switch try await client.send(call).as(Int.self) {
            case 0: .goOn
            case 1: .cancel
            default: .superseded
            }
        }
    }

    /// The run in hand has published a release and goes on: asks for it, once; false if another trainer has taken over.
    package func published(_ release: String, by run: String, fence: Int) async throws -> Bool {
        let call = FCALL(
            "training_published", keys: [Keys.trainingFence, Keys.releasesLatest],
            arguments: [.integer(fence), .string(run), .string(release)], isIdempotent: true)
        return try await StoreError.mapping { try await client.send(call).as(Int.self) == 0 }
    }

    /// Ends a run, and asks for its release if there is one that was not asked for yet; false if another trainer has taken over.
    package func finish(_ run: String, fence: Int, _ end: TrainingEnd, nowMs: Int64) async throws -> Bool {
        let release = end.state == .succeeded ? end.release ?? "" : ""
        var arguments: [RedisArgument] = [
            .integer(fence), .string(run), .string(end.state.rawValue), .string(String(nowMs)), .string(release),
        ]
        if let release = end.release { arguments += ["release", .string(release)] }
        if let error = end.error {
            arguments += ["error", .string(String(decoding: error.utf8.prefix(Self.errorBytesMax), as: UTF8.self))]
        }
        for (name, value) in end.metrics.sorted(by: { $0.key < $1.key }).prefix(Self.metricsMax) {
            arguments += [.string(TrainingRun.metricPrefix + name), .double(value)]
        }
        let call = FCALL(
            "training_finish", keys: [Keys.trainingFence, Keys.trainingActive, Keys.releasesLatest],
            arguments: arguments, isIdempotent: true)
        return try await StoreError.mapping { try await client.send(call).as(Int.self) == 0 }
    }

    /// A time of the schedule has come: asks for a run unless somebody has done so for this time. The very first time
    /// only sets the mark.
    package func scheduled(atMs: Int64, nowMs: Int64) async throws -> TrainingTicket? {
        let call = FCALL(
            "training_schedule", keys: [Keys.trainingPending, Keys.trainingRuns, Keys.trainingSchedule],
            arguments: TrainingRequests.arguments(nil, by: "schedule", nowMs: nowMs) + [.string(String(atMs))])
        return try await StoreError.mapping { try TrainingTicket(try await client.send(call)) }
    }
}
