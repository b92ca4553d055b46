// MLflow for commands that train by hand: the record is kept first, then what waits is sent, but not for long.

import Bootstrap
import Logging
import Settings
import Stores
import Synchronization
import Telemetry
import Tracking
import Trainer

/// MLflow as a command sees it.
struct HandTracking: Sendable {
    /// How long a command waits for MLflow at its end, in seconds; what is not sent by then waits for a trainer.
    private static let sendSecondsMax = 30
    /// How often it is looked whether another process has done sending, in milliseconds.
    private static let leasePollMs = 200

    let tracker: Tracker
    let recorder: RunRecorder
    private let base: OperatorContext

    /// Nil without MLFLOW_TRACKING_URI.
    init?(_ base: OperatorContext, _ stores: TrainingStores, _ parameters: TrainingParameters) throws {
        let settings = try MLflowSettings(base.reader)
        guard settings.trackingURI != nil else { return nil }
        // The command's own words say what becomes of records; the log would say it twice.
        var logger = Logger(label: "mlflow")
        logger.logLevel = .error
        self.base = base
        tracker = try Tracker(settings, stores: stores, metrics: MetricsRegistry(role: "operator"), logger: logger)
        recorder = RunRecorder(tracker, models: stores.models, parameters: parameters, logger: logger)
    }

    /// Sends what waits, moves the aliases, and says what became of it. Fails nothing.
    func send() async {
        do {
            for line in Self.lines(try await sendWithin(seconds: Self.sendSecondsMax)) { print(line) }
        } catch {
            print("MLflow: not now: \(error)")
            print("  what waits is sent by a running trainer, by the next run, or by `freshet mlflow send`")
        }
    }

    /// Sends what waits, after whoever sends at present.
    func sendWithin(seconds: Int) async throws -> TrackingTurn {
        let token = "\(ProcessEnvironment.instanceName(role: "operator"))-\(UInt32.random(in: .min ... .max))"
        return try await withThrowingTaskGroup(of: TrackingTurn.self) { group in
            group.addTask {
                try await base.withRedis { stores in
                    // Redis first: without it there is no telling whether somebody else sends.
                    if let fault = await stores.fault(deadlineMs: 3000) { throw OperatorError(fault) }
                    let lease = stores.trackingLease(token: token)
                    while true {
                        if let turn = try await tracker.send(lease, nowMs: UTCTime.nowMs(), isForced: true) {
                            return turn
                        }
                        try await Task.sleep(for: .milliseconds(Self.leasePollMs))
                    }
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw OperatorError("it took longer than \(seconds) s, or another process still sends")
            }
            defer { group.cancelAll() }
            guard let turn = try await group.next() else { throw CancellationError() }
            return turn
        }
    }

    /// What a turn came to, for people.
    static func lines(_ turn: TrackingTurn) -> [String] {
        turn.sent.map { "MLflow: run \($0) is there" }
            + turn.refused.map { "MLflow: refused \($0.run): \($0.reason)" }
            + turn.aliases.compactMap { state in
                guard let model = state.model else { return nil }
                guard let version = state.version else {
                    return "MLflow: model \(model) has no version there, so no alias \(state.alias)"
                }
                return "MLflow: alias \(state.alias) is version \(version), model \(model)"
            }
    }
}

/// A run by hand, for its record.
final class HandRun: Sendable {
    private let recorder: RunRecorder?
    private let run: Mutex<RunToRecord>
    private let marks = Mutex<[(step: TrainingStep, startedMs: Int64)]>([])

    /// - Parameter recorder: nil without MLflow.
    init(_ recorder: RunRecorder?, mode: String, producer: String) {
        self.recorder = recorder
        let nowMs = UTCTime.nowMs()
        var run = RunToRecord(
            run: TrainingRequests.newID(nowMs: nowMs), state: .succeeded, mode: mode, producer: producer,
            startedAtMs: nowMs, endedAtMs: nowMs)
        run.user = OperatorName.current
        self.run = Mutex(run)
    }

    /// A step is in hand.
    func note(_ step: TrainingStep) {
        let nowMs = UTCTime.nowMs()
        marks.withLock { if $0.last?.step != step { $0.append((step, nowMs)) } }
    }

    /// Runs `body` and keeps the record of how it ended; `finish` adds what came of it. With MLflow, Ctrl-C cancels the run
    /// and has it recorded as cancelled; a second one ends the process.
    func following<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value, finish: (inout RunToRecord, Value) -> Void
    ) async throws -> Value {
        guard let recorder else { return try await body() }
        let result: Result<Value, any Error>
        do { result = .success(try await Self.cancelling(body)) } catch { result = .failure(error) }
        let endedMs = UTCTime.nowMs()
        let starts = marks.withLock { $0 }
        let ends = starts.dropFirst().map(\.startedMs) + [endedMs]
        var record = run.withLock { $0 }
        record.endedAtMs = endedMs
        record.steps = zip(starts, ends).map { (step: $0.step, seconds: Double($1 - $0.startedMs) / 1000) }
        switch result {
        case .success(let value): finish(&record, value)
        case .failure(let error):
            record.state = error is CancellationError ? .cancelled : .failed
            record.error = error is CancellationError ? nil : "\(error)"
        }
        await recorder.record(record)
        if record.state == .cancelled {
            throw OperatorError("cancelled; what was finished is used again by the next run")
        }
        return try result.get()
    }

    private static func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        return try await Signals.withFirst {
            stop.finish()
        } during: {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    for await _ in stops {}
                    return nil
                }
                defer { group.cancelAll() }
                guard let value = try await group.next() ?? nil else { throw CancellationError() }
                return value
            }
        }
    }
}
