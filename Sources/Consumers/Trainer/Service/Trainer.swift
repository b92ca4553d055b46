// The trainer as a service: hears of requests and of the schedule, and has one run at a time carried out among all
// trainers there are. It only puts the loops together.

package import Logging
import Loops
import ServiceLifecycle
package import Settings
package import Stores
package import Telemetry

/// Trains on request and on a schedule. Any number may run; one at a time works.
package struct Trainer: Service {
    private let stores: RedisStores
    private let settings: TrainerSettings
    private let runner: RunLoop
    private let schedule: ScheduleLoop?
    private let logger: Logger

    /// - Parameters:
    ///   - stores: on a client that runs as long as this service and stops after it.
    ///   - work: what a run consists of.
    ///   - settings: when it works.
    ///   - instance: tells this trainer apart from every other in the world.
    ///   - leaseMs: after how long of silence another trainer takes its run over, in milliseconds.
    ///   - metrics: where it counts.
    ///   - recorder: writes runs down in MLflow; nil where there is none.
    ///   - logger: for this role.
    package init(
        stores: RedisStores, work: any TrainingWork, settings: TrainerSettings, instance: String,
        leaseMs: Int = 15_000, metrics: MetricsRegistry = MetricsRegistry(role: "trainer"),
        recorder: RunRecorder? = nil, logger: Logger
    ) {
        let metrics = TrainingMetrics(metrics)
        self.stores = stores
        self.settings = settings
        self.logger = logger
        let queue = stores.trainingQueue(trainer: instance, leaseMs: leaseMs)
        runner = RunLoop(
            queue: queue, work: work, settings: settings, metrics: metrics, recorder: recorder,
            abandoned: recorder.map {
                AbandonedRuns(requests: stores.training, queue: queue, recorder: $0, logger: logger)
            }, logger: logger)
        schedule = settings.schedule.map {
            ScheduleLoop(queue: queue, schedule: $0, pollMs: settings.pollMs, logger: logger)
        }
    }

    /// Works until a graceful shutdown; the run in hand is stopped then, and taken up by the next trainer.
    package func run() async throws {
        await restoreLastSuccess()
        // One place: however often the bell rings, the list is read to its end.
        let (bells, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while Pacing.goesOn {
                    do {
                        try await stores.watch.run(.training, pollMs: settings.pollMs) { ring.yield() }
                    } catch {
                        logger.debug("the channel of requests is away", metadata: ["error": "\(error)"])
                    }
                    guard await Pacing.pause(milliseconds: Backoff.rangeMsMin) else { break }
                }
                ring.finish()
            }
            group.addTask { for await _ in bells { await runner.carryOutAll() } }
            if let schedule { group.addTask { await schedule.run() } }
        }
    }

    /// Who watches should not take a restart for a long time without success. If Redis is away, the next run says it.
    private func restoreLastSuccess() async {
        let runs = (try? await stores.training.latest(countMax: 200)) ?? []
        if let lastMs = runs.filter({ $0.state == .succeeded }).compactMap(\.finishedAtMs).max() {
            runner.metrics.restoreLastSuccess(atMs: lastMs)
        }
    }
}
