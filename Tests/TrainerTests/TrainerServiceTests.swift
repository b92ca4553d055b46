// The trainer as a service over a real Redis, with a pipeline that does what the test says: requests, cancellation,
// shutdowns, trainers that die, and Redis that goes away.

import Fixtures
import Logging
import Models
import Redis
import ServiceLifecycle
import Settings
import Stores
import Synchronization
import TestServers
import Testing

@testable import Trainer

/// Runs until it is let go, and notes how it was used.
private final class GatedPipeline: TrainingWork {
    private struct State {
        var orders: [TrainingOrder] = []
        var cancelled = 0
        var isOpen = false
        /// What is published before the test lets go.
        var early: String?
    }

    private let state = Mutex(State())

    var orders: [TrainingOrder] { state.withLock { $0.orders } }
    var cancelledCount: Int { state.withLock { $0.cancelled } }
    func open() { state.withLock { $0.isOpen = true } }
    func publishEarly(_ release: String) { state.withLock { $0.early = release } }
    func close() { state.withLock { $0.isOpen = false } }

    func run(
        _ order: TrainingOrder, published: @escaping @Sendable (_ release: String) async throws -> Void,
        report: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingResult {
        state.withLock { $0.orders.append(order) }
        report(TrainingProgress(step: .read, fraction: 0.06, detail: "events.csv", secondsLeft: nil))
        let early = state.withLock { $0.early }
        if let early { try await published(early) }
        report(TrainingProgress(step: .learn, fraction: 0.25, detail: "candidates", secondsLeft: nil))
        do {
            try await eventually("the test lets go", seconds: 60) { state.withLock { $0.isOpen } }
        } catch let error as CancellationError {
            state.withLock { $0.cancelled += 1 }
            throw error
        }
        return TrainingResult(release: early ?? "r-\(order.run)", metrics: ["ndcg": 0.5])
    }
}

private struct FailingPipeline: TrainingWork {
    func run(
        _ order: TrainingOrder, published: @escaping @Sendable (_ release: String) async throws -> Void,
        report: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingResult {
        throw TrainerError(message: "there is no log")
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct TrainerServiceTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func trainer(
        _ stores: RedisStores, _ work: any TrainingWork, _ instance: String = "trainer@test:1",
        settings: TrainerSettings = TrainerSettings(pollMs: 100)
    ) -> Trainer {
        Trainer(
            stores: stores, work: work, settings: settings, instance: instance, leaseMs: 500,
            logger: Self.logger)
    }

    private func withRedis(_ body: (RedisServer, RedisStores) async throws -> Void) async throws {
        var options = RedisServer.Options()
        options.isPersistent = true
        try await withRedisServer(options) { server in
            try await withStores(on: server) { stores in try await body(server, stores) }
        }
    }

    /// Runs trainers beside `body`, and shuts them down gracefully behind it.
    private func running(_ trainers: Trainer..., body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: trainers.map { .init(service: $0, successTerminationBehavior: .ignore) },
                logger: Self.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do { try await body() } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func awaitState(_ state: TrainingRun.State, _ run: String, _ stores: RedisStores) async throws {
        try await eventually("run \(run) is \(state)") { try await stores.training.run(run)?.state == state }
    }

    @Test func `a request becomes a run, is told step by step, and its release is asked for`() async throws {
        try await withRedis { _, stores in
            let pipeline = GatedPipeline()
            try await running(trainer(stores, pipeline)) {
                let run = try await stores.training.request(.autonomous, by: "test", nowMs: 1).run
                try await eventually("the step is told") { try await stores.training.run(run)?.step == "learn" }
                let inHand = try #require(try await stores.training.run(run))
                #expect(inHand.state == .running && inHand.percent == 25 && inHand.detail == "candidates")
                #expect(inHand.steps.map(\.name) == ["read", "learn"])
                #expect(try await stores.training.queue().trainer == "trainer@test:1")
                pipeline.open()
                try await awaitState(.succeeded, run, stores)
                #expect(try await stores.releases.latest() == "r-\(run)")
                #expect(try await stores.training.run(run)?.metrics == ["ndcg": 0.5])
            }
            #expect(pipeline.orders.map(\.mode) == [.autonomous])
            #expect(try await stores.training.queue().trainer == nil)
        }
    }

    @Test func `a release is asked for while its run goes on, and once only`() async throws {
        try await withRedis { server, stores in
            let pipeline = GatedPipeline()
            pipeline.publishEarly("r-early")
            try await running(trainer(stores, pipeline)) {
                let run = try await stores.training.request(.manual, by: "test", nowMs: 1).run
                try await eventually("the release is asked for") { try await stores.releases.latest() == "r-early" }
                #expect(try await stores.training.run(run)?.state == .running)
                #expect(try await stores.training.run(run)?.release == "r-early")
                // Somebody wants another one in the meantime; the run's end must not take that back.
                try await stores.releases.request("r-by-hand")
                pipeline.open()
                try await awaitState(.succeeded, run, stores)
                #expect(try await stores.releases.latest() == "r-by-hand")
            }
        }
    }

    @Test func `a request that was pushed by hand is cancelled before a trainer has seen it`() async throws {
        try await withRedis { _, stores in
            _ = try await stores.client.send(RawCommand("RPUSH", ["training:pending", "manual id=by-hand by=cron"]))
            #expect(try await stores.training.cancel("other", nowMs: 1) == nil)
            #expect(try await stores.training.cancel("by-hand", nowMs: 1) == .cancelled)
            #expect(try await stores.training.run("by-hand")?.state == .cancelled)
            #expect(try await stores.training.queue().waiting == 0)
            // Pushed again, it is over already.
            _ = try await stores.client.send(RawCommand("RPUSH", ["training:pending", "manual id=by-hand by=cron"]))
            let pipeline = GatedPipeline()
            pipeline.open()
            try await running(trainer(stores, pipeline)) {
                try await eventually("the list is read") { try await stores.training.queue().waiting == 0 }
                let next = try await stores.training.request(.manual, by: "test", nowMs: 2).run
                try await awaitState(.succeeded, next, stores)
            }
            #expect(pipeline.orders.count == 1)
        }
    }

    @Test func `a release of a run that is not ours any more is not asked for`() async throws {
        try await withRedis { _, stores in
            let queue = stores.trainingQueue(trainer: "trainer@test:1", leaseMs: 500)
            let run = try await stores.training.request(.manual, by: "test", nowMs: 1).run
            let fence = try #require(try await queue.takeLease())
            _ = try await queue.take(fence: fence, attemptsMax: 3, mode: .manual, nowMs: 2)
            try await queue.giveLeaseBack()
            let successor = stores.trainingQueue(trainer: "trainer@test:2", leaseMs: 500)
            #expect(try await successor.takeLease() != nil)
            #expect(try await queue.published("r-late", by: run, fence: fence) == false)
            #expect(try await stores.releases.latest() == nil)
        }
    }

    @Test func `one run at a time, whoever the trainers are, and none is lost`() async throws {
        try await withRedis { _, stores in
            let pipelines = [GatedPipeline(), GatedPipeline()]
            try await running(
                trainer(stores, pipelines[0], "trainer@test:1"), trainer(stores, pipelines[1], "trainer@test:2")
            ) {
                let first = try await stores.training.request(.manual, by: "test", nowMs: 1).run
                try await awaitState(.running, first, stores)
                let second = try await stores.training.request(.manual, by: "test", nowMs: 2).run
                #expect(first != second)
                #expect(try await stores.training.run(second)?.state == .pending)
                #expect(pipelines.reduce(0) { $0 + $1.orders.count } == 1)
                for pipeline in pipelines { pipeline.open() }
                try await awaitState(.succeeded, second, stores)
                #expect(try await stores.training.run(first)?.state == .succeeded)
            }
            #expect(pipelines.flatMap(\.orders).count == 2)
        }
    }

    @Test func `a run in hand is cancelled, and the next one begins`() async throws {
        try await withRedis { _, stores in
            let pipeline = GatedPipeline()
            try await running(trainer(stores, pipeline)) {
                let run = try await stores.training.request(nil, by: "test", nowMs: 1).run
                try await awaitState(.running, run, stores)
                let next = try await stores.training.request(nil, by: "test", nowMs: 2).run
                #expect(try await stores.training.cancel(run, nowMs: 3) == .running)
                try await awaitState(.cancelled, run, stores)
                #expect(pipeline.cancelledCount == 1)
                pipeline.open()
                try await awaitState(.succeeded, next, stores)
            }
        }
    }

    @Test func `a run that fails says why, and does not stop the next`() async throws {
        try await withRedis { _, stores in
            try await running(trainer(stores, FailingPipeline())) {
                let run = try await stores.training.request(nil, by: "test", nowMs: 1).run
                try await awaitState(.failed, run, stores)
                #expect(try await stores.training.run(run)?.error == "there is no log")
                #expect(try await stores.releases.latest() == nil)
            }
        }
    }

    @Test func `a shutdown stops the run, and the next trainer takes it up`() async throws {
        try await withRedis { _, stores in
            let (first, second) = (GatedPipeline(), GatedPipeline())
            var run = ""
            try await running(trainer(stores, first)) {
                run = try await stores.training.request(nil, by: "test", nowMs: 1).run
                try await awaitState(.running, run, stores)
            }
            #expect(first.cancelledCount == 1)
            #expect(try await stores.training.run(run)?.state == .interrupted)
            second.open()
            try await running(trainer(stores, second, "trainer@test:2")) {
                try await awaitState(.succeeded, run, stores)
            }
            #expect(second.orders.map(\.attempt) == [1])
        }
    }

    @Test func `a run of a trainer that died is taken over when its lease ends, without any bell`() async throws {
        try await withRedis { _, stores in
            // Pushed as by hand, and nobody rang.
            _ = try await stores.client.send(RPUSH("training:pending", ["manual id=mine"]))
            let dead = stores.trainingQueue(trainer: "dead", leaseMs: 300)
            let fence = try #require(try await dead.takeLease())
            #expect(try await dead.take(fence: fence, attemptsMax: 3, mode: .manual, nowMs: 1)?.run == "mine")
            let pipeline = GatedPipeline()
            pipeline.open()
            try await running(trainer(stores, pipeline)) { try await awaitState(.succeeded, "mine", stores) }
            #expect(pipeline.orders.map(\.attempt) == [2])
        }
    }

    @Test func `a trainer that was paused while another took over stops, and changes nothing`() async throws {
        try await withRedis { _, stores in
            let pipeline = GatedPipeline()
            try await running(trainer(stores, pipeline)) {
                let run = try await stores.training.request(nil, by: "test", nowMs: 1).run
                try await awaitState(.running, run, stores)
                // What it would find after a pause: its lease has ended, and another trainer has taken it.
                let other = stores.trainingQueue(trainer: "other", leaseMs: 60_000)
                var fence: Int?
                try await eventually("the other has the lease") {
                    _ = try await stores.client.send(DEL("training:lease"))
                    fence = try await other.takeLease()
                    return fence != nil
                }
                let held = try #require(fence)
                #expect(try await other.take(fence: held, attemptsMax: 9, mode: .manual, nowMs: 5)?.run == run)
                try await eventually("the first one stops") { pipeline.cancelledCount == 1 }
                #expect(
                    try await other.finish(run, fence: held, TrainingEnd(.succeeded, release: "other"), nowMs: 6))
                pipeline.open()
                #expect(try await stores.releases.latest() == "other")
                #expect(try await stores.training.run(run)?.release == "other")
                try await other.giveLeaseBack()
            }
            #expect(pipeline.orders.count == 1)
        }
    }

    @Test func `Redis goes away in mid-run: training goes on, and its end is told afterwards`() async throws {
        try await withRedis { server, stores in
            let pipeline = GatedPipeline()
            try await running(trainer(stores, pipeline)) {
                for isOpenMeanwhile in [false, true] {
                    pipeline.close()
                    let run = try await stores.training.request(nil, by: "test", nowMs: 1).run
                    try await awaitState(.running, run, stores)
                    await server.kill()
                    if isOpenMeanwhile { pipeline.open() }
                    try await server.restart()
                    pipeline.open()
                    try await awaitState(.succeeded, run, stores)
                    #expect(try await stores.releases.latest() == "r-\(run)")
                }
            }
            #expect(pipeline.orders.map(\.attempt) == [1, 1])
        }
    }

    @Test func `the schedule asks by itself, once among all trainers`() async throws {
        try await withRedis { _, stores in
            let pipeline = GatedPipeline()
            pipeline.open()
            // The mark of a week ago: since then it was missed many times.
            _ = try await stores.client.send(SET("training:schedule", "1000"))
            let settings = TrainerSettings(schedule: try .init("@yearly"), pollMs: 100)
            try await running(
                trainer(stores, pipeline, "trainer@test:1", settings: settings),
                trainer(stores, pipeline, "trainer@test:2", settings: settings)
            ) {
                try await eventually("a run is over") {
                    try await stores.training.latest(countMax: 9).map(\.state) == [.succeeded]
                }
            }
            #expect(try await stores.training.latest(countMax: 9).map(\.by) == ["schedule"])
        }
    }
}
