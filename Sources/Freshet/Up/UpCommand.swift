// Everything in one process, with a Redis and an object store of its own: the first thing a newcomer runs.

import ArgumentParser
import Bootstrap
import CoreMetrics
import Logging
import ObjectStore
import Redis
import ServiceLifecycle
import Settings
import Stores
import Telemetry
import Trainer
import WebService

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run everything here: a private Redis, sample data, a first release and all roles.",
        discussion: """
            Data is kept in DATA_FOLDER (data), so the second start is quick. Ctrl-C stops everything in order.
            REDIS_PORT (6390), GATEWAY_PORT (8090), FEATURES_PORT (8091), INGEST_PORT (8092), LOADER_PORT (8093),
            ARCHIVE_PORT (8094) and TRAINER_PORT (8095) choose the ports.
            """)

    @Flag(help: TraceFlag.help) var trace = false

    func run() async throws {
        let environment = try await ProcessEnvironment.load(defaultLogLevel: .warning)
        let reader = environment.settings
        let ports = try UpPorts(reader)
        try ports.checkRoles()
        let redis = try PrivateRedis(folder: "\(StoreSettings.dataFolder(reader))/redis", port: ports.redis)
        try await redis.takeOver()
        try ports.checkRedis()
        let partitions = try EventSettings(reader).partitions
        // Each role connects as its own Redis user, so what the users may do is tried with every start; and each counts
        // for itself, so that its port shows what the role's own process would show.
        func part(_ role: String) throws -> (stores: RedisStores, telemetry: ServiceTelemetry) {
            let telemetry = try Roles.telemetry(reader, role: role)
            let client = try Resources.redisClient(
                try redis.configuration(role: role), name: role, connectionCount: Roles.connectionCount(role),
                metrics: telemetry.metrics)
            return (RedisStores(client: client, partitions: partitions), telemetry)
        }
        let (ingest, features, archive, loader, gateway, trainer, operating) = (
            try part("ingest"), try part("features"), try part("archive"), try part("loader"), try part("gateway"),
            try part("trainer"), try part("operator")
        )
        MetricsSystem.bootstrap(gateway.telemetry.metrics)
        let settings = try StoreSettings(reader).objects
        let objects = try Resources.objectStore(settings, metrics: loader.telemetry.metrics)
        let releases = ReleaseStore(objects: objects)
        let files = EventArchiveStore(
            objects: try Resources.objectStore(settings, metrics: archive.telemetry.metrics))
        let guide = UpGuide(
            stores: operating.stores, training: TrainingStores(objects: objects),
            recorder: try Roles.recorder(
                reader, training: TrainingStores(objects: objects), parameters: .light,
                metrics: operating.telemetry.metrics),
            types: try EventSettings(reader).types,
            ports: ports, objects: objects.summary)
        let clients = [ingest, features, archive, loader, gateway, trainer, operating].map(\.stores.client)
        var services: [any Service] = [redis] + clients + [FunctionUpdate(client: operating.stores.client)]
        services += try Roles.loader(reader, stores: loader.stores, releases: releases, telemetry: loader.telemetry)
        services += try Roles.archiver(reader, stores: archive.stores, files: files, telemetry: archive.telemetry)
        let training = try Resources.objectStore(settings, metrics: trainer.telemetry.metrics)
        services += try Roles.trainer(
            reader, stores: trainer.stores, training: TrainingStores(objects: training), telemetry: trainer.telemetry)
        services += [
            try Roles.features(reader, stores: features.stores, telemetry: features.telemetry),
            try Roles.ingest(reader, stores: ingest.stores, telemetry: ingest.telemetry),
            try Roles.gateway(
                reader, stores: gateway.stores, telemetry: gateway.telemetry, isTraced: trace, console: .on),
            guide,
        ]
        try await ServiceRunner.run(services, logger: Logger(label: "up"))
        print("stopped; everything is kept for the next `freshet up`")
    }
}
