// Runs that ended without a trainer that could write them down: those that too many trainers died of, and those that were
// cancelled after their trainer had died. The mark that a record was kept is a field of the run in Redis.

import Logging
import Stores
import Telemetry

/// Has runs recorded that nobody else records.
struct AbandonedRuns: Sendable {
    /// The field of a run whose record was kept.
    static let mark = (name: "mlflow", value: "kept")
    /// How many of the latest runs are looked at.
    private static let runsMax = 20
    /// What ended longer ago was over before there was an MLflow to tell, in milliseconds.
    private static let ageMsMax: Int64 = 24 * 3_600_000

    let requests: TrainingRequests
    let queue: TrainingQueue
    let recorder: RunRecorder
    let logger: Logger

    /// Records what is not recorded; to be called by whoever holds the queue's lease.
    func recordAll(fence: Int) async {
        let nowMs = UTCTime.nowMs()
        do {
            for run in try await requests.latest(countMax: Self.runsMax) where Self.isAbandoned(run, nowMs: nowMs) {
                guard await recorder.record(Self.record(run, nowMs: nowMs)) else { continue }
                _ = try await queue.report(run.id, fence: fence, [Self.mark])
            }
        } catch {
            logger.debug("ended runs are looked at later", metadata: ["error": "\(error)"])
        }
    }

    private static func isAbandoned(_ run: TrainingRun, nowMs: Int64) -> Bool {
        guard run.state == .failed || run.state == .cancelled, run.startedAtMs != nil, run.fields[mark.name] == nil,
            let endedMs = run.finishedAtMs
        else { return false }
        return nowMs - endedMs < ageMsMax
    }

    private static func record(_ run: TrainingRun, nowMs: Int64) -> RunToRecord {
        var record = RunToRecord(
            run: run.id, state: run.state ?? .failed, mode: run.mode,
            producer: "freshet trainer, \(run.fields["trainer"] ?? "unknown")",
            startedAtMs: run.startedAtMs ?? nowMs, endedAtMs: run.finishedAtMs ?? nowMs)
        record.attempt = run.attempt
        record.user = run.by
        record.error = run.error
        record.steps = run.steps.compactMap { step in
            TrainingStep(rawValue: step.name).map { ($0, Double(step.durationMs) / 1000) }
        }
        return record
    }
}
