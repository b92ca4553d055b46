// Everything in one process, with a Redis and an object store of its own: the first thing a newcomer runs.

import ArgumentParser
import Bootstrap
import Logging
import ObjectStore
import Redis
import ServiceLifecycle
import Settings
import Stores

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run everything here: a private Redis, sample data, a first release and all roles.",
        discussion: """
            Data is kept in DATA_FOLDER (data), so the second start is quick. Ctrl-C stops everything in order.
            REDIS_PORT (6390), GATEWAY_PORT (8090), FEATURES_PORT (8091) and INGEST_PORT (8092) choose the ports.
            """)

    func run() async throws {
        let environment = try await ProcessEnvironment.load(defaultLogLevel: .warning)
        let reader = environment.settings
        let ports = try UpPorts(reader)
        try ports.checkRoles()
        let objects = try Resources.objectStore(try StoreSettings(reader).objects)
        let redis = try PrivateRedis(folder: "\(StoreSettings.dataFolder(reader))/redis", port: ports.redis)
        try await redis.takeOver()
        try ports.checkRedis()
        let partitions = try EventSettings(reader).partitions
        // Each role connects as its own Redis user, so what the users may do is tried with every start.
        func stores(_ role: String) throws -> RedisStores {
            let client = try Resources.redisClient(
                try redis.configuration(role: role), name: role, connectionCount: Roles.connectionCount(role))
            return RedisStores(client: client, partitions: partitions)
        }
        let (ingest, features, archive, loader, gateway, trainer) = (
            try stores("ingest"), try stores("features"), try stores("archive"), try stores("loader"),
            try stores("gateway"), try stores("operator")
        )
        let releases = ReleaseStore(objects: objects)
        let guide = UpGuide(
            stores: trainer, releases: releases, source: SourceDataStore(objects: objects), ports: ports,
            objects: objects.summary)
        let clients = [ingest, features, archive, loader, gateway, trainer].map(\.client)
        try await ServiceRunner.run(
            [redis] + clients + [
                FunctionUpdate(client: trainer.client),
                try Roles.loader(reader, stores: loader, releases: releases),
                try Roles.archiver(reader, stores: archive, files: EventArchiveStore(objects: objects)),
                try Roles.features(reader, stores: features),
                try Roles.ingest(reader, stores: ingest),
                try Roles.gateway(reader, stores: gateway),
                guide,
            ], logger: Logger(label: "up"))
        print("stopped; everything is kept for the next `freshet up`")
    }
}
