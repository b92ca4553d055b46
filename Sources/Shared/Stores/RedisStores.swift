// All stores on one Redis, as a role is given them.

import Embedded
package import Redis

/// The stores that live in Redis.
package struct RedisStores: Sendable {
    package let events: EventStreamStore
    package let archive: ArchiveProgressStore
    package let online: OnlineStore
    package let generations: GenerationStore
    package let lists: GenerationLists
    package let generationWriter: GenerationWriter
    package let hidden: HiddenStore
    package let instances: InstanceRegistry
    package let releases: ReleaseRequests
    package let reports: ReleaseReports
    package let tallies: AnswerTallies
    package let freshness: FreshnessFigures
    package let served: ServedListStore
    package let quality: QualityStore
    package let training: TrainingRequests
    package let watch: ChangeWatch
    /// For what is about Redis itself: readiness, and tests.
    package let client: RedisClient

    /// Stores on `client`, with events spread over `partitions` streams.
    package init(client: RedisClient, partitions: Int) {
        events = EventStreamStore(client: client, partitions: partitions)
        archive = ArchiveProgressStore(client: client, partitions: partitions)
        online = OnlineStore(client: client)
        generations = GenerationStore(client: client)
        lists = GenerationLists(client: client)
        generationWriter = GenerationWriter(client: client)
        hidden = HiddenStore(client: client)
        instances = InstanceRegistry(client: client)
        releases = ReleaseRequests(client: client)
        reports = ReleaseReports(client: client)
        tallies = AnswerTallies(client: client)
        freshness = FreshnessFigures(client: client)
        served = ServedListStore(client: client)
        quality = QualityStore(client: client)
        training = TrainingRequests(client: client)
        watch = ChangeWatch(client: client)
        self.client = client
    }

    /// The right to load: for one loader process.
    package func loaderLease(token: String, durationMs: Int = 15_000) -> Lease {
        Lease(client: client, key: Keys.loaderLease, token: token, durationMs: durationMs)
    }

    /// The queue of training runs, for one trainer process.
    package func trainingQueue(trainer: String, leaseMs: Int) -> TrainingQueue {
        TrainingQueue(client: client, trainer: trainer, leaseMs: leaseMs)
    }

    /// The right to archive a stream: for one archiver process. It saves work; what is right does not hang on it.
    package func archiveLease(partition: Int, token: String, durationMs: Int = 5000) -> Lease {
        Lease(client: client, key: Keys.archiveLease(partition), token: token, durationMs: durationMs)
    }

    /// The right to send to MLflow: for one process, since the server itself takes the same run twice.
    package func trackingLease(token: String, durationMs: Int = 15_000) -> Lease {
        Lease(client: client, key: Keys.trackingLease, token: token, durationMs: durationMs)
    }

    /// The Redis Function libraries that the stores call; the client loads them when the server does not have them.
    package static let functionLibraries: [RedisFunctionLibrary] = [
        RedisFunctionLibrary(name: "freshet_online", source: EmbeddedFile.onlineFunctions.text),
        RedisFunctionLibrary(name: "freshet_events", source: EmbeddedFile.eventsFunctions.text),
        RedisFunctionLibrary(name: "freshet_generations", source: EmbeddedFile.generationsFunctions.text),
        RedisFunctionLibrary(name: "freshet_quality", source: EmbeddedFile.qualityFunctions.text),
        RedisFunctionLibrary(name: "freshet_training", source: EmbeddedFile.trainingFunctions.text),
    ]

    /// Whether Redis answers, in words for a readiness probe; nil if it does.
    package func fault(deadlineMs: Int) async -> String? {
        do {
            _ = try await client.send(PING(), deadlineMs: deadlineMs)
            return nil
        } catch { return error.description }
    }
}
