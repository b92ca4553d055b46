// From a request to its end: take the lease, take the run, have it carried out while giving signs of life, say what
// became of it. Redis may go away at any point; the computation goes on, and what it came to waits to be told.

import Logging
import Loops
import ServiceLifecycle
import Settings
import Stores
import Telemetry

/// Carries out runs, one after the other.
struct RunLoop: Sendable {
    /// How often progress is told, and cancellation asked for.
    static let reportMs = 250

    let queue: TrainingQueue
    let work: any TrainingWork
    let settings: TrainerSettings
    let metrics: TrainingMetrics
    /// Writes runs down in MLflow; nil where there is none.
    var recorder: RunRecorder?
    /// Writes those down that no trainer could.
    var abandoned: AbandonedRuns?
    let logger: Logger

    private var mode: TrainingMode { settings.isAutonomous ? .autonomous : .manual }

    /// Carries out all that waits, unless another trainer is at it.
    func carryOutAll() async {
        do {
            guard Pacing.goesOn, try await queue.hasWork(), let fence = try await queue.takeLease() else { return }
            defer { logger.debug("no more runs", metadata: ["fence": "\(fence)"]) }
            while Pacing.goesOn,
                let order = try await queue.take(
                    fence: fence, attemptsMax: settings.attemptsMax, mode: mode, nowMs: UTCTime.nowMs())
            { await carryOut(order, fence: fence) }
            await abandoned?.recordAll(fence: fence)
            try await queue.giveLeaseBack()
        } catch {
            // The list still says what is wanted, and the next poll comes.
            logger.warning("requests for training wait", metadata: ["error": "\(error)"])
        }
    }

    private func carryOut(_ order: TrainingOrder, fence: Int) async {
        let metadata: Logger.Metadata = ["run": "\(order.run)", "mode": "\(order.mode)", "attempt": "\(order.attempt)"]
        logger.info("training", metadata: metadata)
        let (started, startedAtMs) = (ContinuousClock.now, UTCTime.nowMs())
        let hand = RunInHand(nowMs: { UTCTime.nowMs() })
        let end = await train(order, fence: fence, hand)
        guard let end else {
            metrics.enter(.idle)
            return logger.warning("another trainer has taken the run over", metadata: metadata)
        }
        // The last word on the steps, for a run that failed too.
        await tell(order, fence: fence, hand)
        await record(order, hand, end, startedAtMs: startedAtMs, fence: fence)
        guard await finish(order, fence: fence, end) else { return }
        note(end, hand, took: ContinuousClock.now - started)
        var outcome = metadata
        outcome["state"] = "\(end.state.rawValue)"
        outcome["duration"] = "\(ContinuousClock.now - started)"
        outcome["release"] = end.release.map { "\($0)" }
        outcome["error"] = end.error.map { "\($0)" }
        logger.log(level: end.state == .failed ? .error : .info, "training ended", metadata: outcome)
    }

    /// Before the end is told: a trainer that dies in between has the run begun again, and recorded under the same name.
    private func record(
        _ order: TrainingOrder, _ hand: RunInHand, _ end: TrainingEnd, startedAtMs: Int64, fence: Int
    ) async {
        guard let recorder, end.state.isOver else { return }
        var run = RunToRecord(
            run: order.run, state: end.state, mode: order.mode.rawValue, producer: "freshet trainer, \(queue.trainer)",
            startedAtMs: startedAtMs, endedAtMs: UTCTime.nowMs())
        run.attempt = order.attempt
        run.steps = hand.stepSeconds
        run.error = end.error
        run.outcome = hand.outcome
        guard await recorder.record(run) else { return }
        _ = try? await queue.report(order.run, fence: fence, [AbandonedRuns.mark])
    }

    private func note(_ end: TrainingEnd, _ hand: RunInHand, took: Duration) {
        for (step, seconds) in hand.stepSeconds { metrics.noteStep(step.state, seconds: seconds) }
        let outcome: TrainingMetrics.Outcome? =
            switch end.state {
            case .succeeded: .succeeded
            case .failed: .failed
            case .cancelled: .cancelled
            case .pending, .running, .interrupted: nil
            }
        guard let outcome else { return metrics.enter(.idle) }
        metrics.noteRun(outcome, seconds: took / .seconds(1), nowMs: UTCTime.nowMs())
    }

    /// Computes, while another task gives signs of life and hears of a cancellation; nil if the run is not ours any more.
    private func train(_ order: TrainingOrder, fence: Int, _ hand: RunInHand) async -> TrainingEnd? {
        let result: Result<TrainingResult, any Error> = await withTaskGroup(
            of: Result<TrainingResult, any Error>?.self
        ) { group in
            group.addTask {
                do {
                    // A shutdown stops the computation; the next trainer begins it again.
                    let result = try await cancelWhenGracefulShutdown {
                        try await work.run(
                            order, published: { try await ask(for: $0, order, fence: fence, hand) },
                            report: { progress in
                                metrics.enter(progress.step.state)
                                hand.note(progress)
                            })
                    }
                    hand.keep(result.outcome)
                    return .success(result)
                } catch { return .failure(error) }
            }
            group.addTask {
                await report(order, fence: fence, hand)
                return nil
            }
            var result: Result<TrainingResult, any Error> = .failure(CancellationError())
            while let next = await group.next() {
                if let next { result = next }
                // Whichever ends first ends the other: the computation is done, or it is not to go on.
                group.cancelAll()
            }
            return result
        }
        switch (result, hand.stop) {
        case (_, .superseded): return nil
        case (.success(let outcome), _):
            return TrainingEnd(.succeeded, release: outcome.release, metrics: outcome.metrics)
        case (.failure, .cancelled): return TrainingEnd(.cancelled)
        case (.failure(is CancellationError), nil): return TrainingEnd(.interrupted)
        case (.failure(let error), nil): return TrainingEnd(.failed, error: "\(error)")
        }
    }

    /// Tells how far the run is until it is over, cancelled or not ours any more.
    private func report(_ order: TrainingOrder, fence: Int, _ hand: RunInHand) async {
        var told = ContinuousClock.now
        var isAway = false
        while !Task.isCancelled {
            let news = hand.takeNews()
            if !news.isEmpty || ContinuousClock.now - told > .milliseconds(Self.reportMs) {
                do {
                    let reply = try await queue.report(order.run, fence: fence, news)
                    (told, isAway) = (.now, false)
                    switch reply {
                    case .goOn: break
                    case .cancel: return hand.stop(.cancelled)
                    case .superseded: return hand.stop(.superseded)
                    }
                } catch {
                    hand.giveNewsBack()
                    if !isAway, !Task.isCancelled {
                        logger.warning(
                            "training goes on although Redis is away",
                            metadata: ["run": "\(order.run)", "error": "\(error)"])
                    }
                    isAway = true
                }
            }
            do { try await Task.sleep(for: .milliseconds(Self.reportMs)) } catch { return }
        }
    }

    /// Asks for a release while its run goes on. If Redis is away, the run's end asks for it.
    private func ask(for release: String, _ order: TrainingOrder, fence: Int, _ hand: RunInHand) async throws {
        do {
            guard try await queue.published(release, by: order.run, fence: fence) else {
                hand.stop(.superseded)
                throw CancellationError()
            }
            logger.info("asked for a release", metadata: ["run": "\(order.run)", "release": "\(release)"])
        } catch let error as StoreError {
            logger.warning(
                "the release is asked for when the run ends",
                metadata: ["run": "\(order.run)", "release": "\(release)", "error": "\(error)"])
        }
    }

    private func tell(_ order: TrainingOrder, fence: Int, _ hand: RunInHand) async {
        hand.giveNewsBack()
        _ = try? await queue.report(order.run, fence: fence, hand.takeNews())
    }

    /// Says how a run ended, however long Redis is away; false if it could not be said.
    private func finish(_ order: TrainingOrder, fence: Int, _ end: TrainingEnd) async -> Bool {
        var backoff = Backoff()
        while true {
            do {
                if try await queue.finish(order.run, fence: fence, end, nowMs: UTCTime.nowMs()) { return true }
                logger.warning("another trainer has taken the run over", metadata: ["run": "\(order.run)"])
                return false
            } catch {
                if backoff.isFirst {
                    logger.warning(
                        "the end of a run waits to be told", metadata: ["run": "\(order.run)", "error": "\(error)"])
                }
                guard await Pacing.pause(milliseconds: backoff.nextMs()) else { return false }
            }
        }
    }
}

extension TrainingStep {
    /// The step as those who watch know it.
    fileprivate var state: TrainingMetrics.State {
        switch self {
        case .read, .prepare: .prepareData
        case .search, .evaluate, .learn: .retrainModels
        case .similar, .write, .candidates, .offline: .calcRecommendations
        case .publish: .publish
        }
    }
}
