// Runs and their records without a tracking server: a real Redis, a folder as the object store, and nobody at the address.

import Fixtures
import FoundationEssentials
import Logging
import Redis
import ServiceLifecycle
import Settings
import Stores
import Telemetry
import TestServers
import Testing
import Tracking

@testable import Trainer

private struct BrokenWork: TrainingWork {
    func run(
        _ order: TrainingOrder, published: @escaping @Sendable (_ release: String) async throws -> Void,
        report: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingResult {
        report(TrainingProgress(step: .read, fraction: 0.1, detail: "", secondsLeft: nil))
        throw TrainerError(message: "there is no log")
    }
}

@Suite(.serialized, .timeLimit(.minutes(1))) struct RunRecordTests {
    private struct Kept: Decodable {
        struct Metric: Decodable { let key: String }
        let run: String
        let status: String
        let tags: [String: String]
        let parameters: [String: String]
        let metrics: [Metric]
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func kept(_ shop: Shop) async throws -> [Kept] {
        var records: [Kept] = []
        for entry in try await shop.training.tracking.entries() {
            guard let bytes = try await shop.training.tracking.record(of: entry) else { continue }
            records.append(try JSONDecoder().decode(Kept.self, from: Data(bytes)))
        }
        return records
    }

    @Test func `a run that fails, and one that trainers died of, are kept with their reasons, once`() async throws {
        try await withShop { shop in
            try await withRedisServer { server in
                try await withStores(on: server) { stores in
                    let dead = stores.trainingQueue(trainer: "dead", leaseMs: 50)
                    let nowMs = UTCTime.nowMs()
                    let lost = try await stores.training.request(.manual, by: "ann", nowMs: nowMs).run
                    let fence = try #require(try await dead.takeLease())
                    #expect(try await dead.take(fence: fence, attemptsMax: 1, mode: .manual, nowMs: nowMs)?.run == lost)
                    let broken = try await stores.training.request(.autonomous, by: "ann", nowMs: nowMs).run
                    let tracker = try Tracker(
                        MLflowSettings(trackingURI: "http://127.0.0.1:9"), stores: shop.training,
                        metrics: MetricsRegistry(role: "trainer"), logger: Self.logger)
                    let trainer = Trainer(
                        stores: stores, work: BrokenWork(), settings: TrainerSettings(pollMs: 100, attemptsMax: 1),
                        instance: "trainer@test:1", leaseMs: 500,
                        recorder: RunRecorder(
                            tracker, models: shop.training.models, parameters: Shop.quick, logger: Self.logger),
                        logger: Self.logger)
                    let group = ServiceGroup(
                        configuration: .init(
                            services: [.init(service: trainer, successTerminationBehavior: .ignore)],
                            logger: Self.logger))
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        tasks.addTask { try await group.run() }
                        for run in [broken, lost] {
                            try await eventually("\(run) is marked") {
                                try await stores.training.run(run)?.fields["mlflow"] == "kept"
                            }
                        }
                        // Another round finds nothing more to keep.
                        let last = try await stores.training.request(.manual, by: "ann", nowMs: nowMs).run
                        try await eventually("the last one is marked") {
                            try await stores.training.run(last)?.fields["mlflow"] == "kept"
                        }
                        await group.triggerGracefulShutdown()
                        try await tasks.waitForAll()
                    }
                    let records = try await kept(shop)
                    #expect(records.count == 3 && Set(records.map(\.run)).count == 3)
                    let first = try #require(records.first { $0.run == broken })
                    #expect(first.status == "FAILED" && first.tags["error"] == "there is no log")
                    #expect(first.tags["mode"] == "autonomous" && first.parameters["similar.items_max"] != nil)
                    #expect(first.metrics.map(\.key).contains("seconds/read"))
                    let second = try #require(records.first { $0.run == lost })
                    #expect(second.status == "FAILED" && second.tags["error"]?.contains("died 1 times") == true)
                    #expect(second.tags["mlflow.user"] == "ann")
                }
            }
        }
    }

    @Test(arguments: [
        ("final.new.ndcg.low", "final.new.ndcg.low"), ("factors.all.map", "factors.all/map"),
        ("ranker.gain.users_7d", "ranker.gain/users_7d"), ("ranker.rows", "ranker/rows"),
        ("search.trees.after", "search/trees.after"), ("search.ndcg", "search.ndcg"),
        ("release.users", "release/users"), ("other", "other"),
    ])
    func `figures stand in groups`(ours: String, there: String) { #expect(MetricGroups.name(ours) == there) }

    @Test func `what the trees look at is a table and a picture`() throws {
        #expect(FeatureImportance(["ranker.rows": 1]) == nil)
        let importance = try #require(FeatureImportance(["ranker.gain.a<b": 1, "ranker.gain.c": 3, "x": 9]))
        #expect(importance.csv == "feature,gain,share\nc,3.0,0.75\na<b,1.0,0.25\n")
        #expect(importance.svg.contains("75.0 %") && importance.svg.contains("a&lt;b"))
    }
}
