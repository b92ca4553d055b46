// Makes each role out of settings and stores, the same way for a process of its own and for `freshet up`.

import Archiver
import Bootstrap
import EventIngest
import Features
import Gateway
import Loader
import Logging
import Redis
import ServiceLifecycle
import Settings
import Stores

/// The roles as services.
enum Roles {
    /// How many Redis connections a role shares among its commands. Each of the gateway's requests asks Redis, from the
    /// event loop that the request came on.
    static func connectionCount(_ role: String) -> Int {
        role == "gateway" ? RedisConfiguration.connectionCountOfEventLoops : 1
    }

    static func ingest(_ reader: SettingsReader, stores: RedisStores) throws -> any Service {
        EventIngest(
            stores: stores, settings: try IngestSettings(reader), events: try EventSettings(reader),
            logger: Logger(label: "ingest"))
    }

    static func features(_ reader: SettingsReader, stores: RedisStores) throws -> any Service {
        Features(
            stores: stores, settings: try FeaturesSettings(reader), events: try EventSettings(reader),
            instance: ProcessEnvironment.instanceName(role: "features"), logger: Logger(label: "features"))
    }

    static func archiver(
        _ reader: SettingsReader, stores: RedisStores, files: EventArchiveStore
    ) throws -> any Service {
        Archiver(
            stores: stores, files: files, settings: try ArchiverSettings(reader),
            instance: ProcessEnvironment.instanceName(role: "archive"), logger: Logger(label: "archive"))
    }

    static func loader(
        _ reader: SettingsReader, stores: RedisStores, releases: ReleaseStore
    ) throws -> any Service {
        Loader(
            stores: stores, releases: releases, settings: try LoaderSettings(reader),
            instance: ProcessEnvironment.instanceName(role: "loader"))
    }

    static func gateway(_ reader: SettingsReader, stores: RedisStores) throws -> any Service {
        try Gateway(
            settings: try GatewaySettings(reader), types: try EventSettings(reader).types,
            generationsKept: try LoaderSettings(reader).generationsKept, stores: stores,
            instance: ProcessEnvironment.instanceName(role: "gateway"), logger: Logger(label: "gateway")
        ).application()
    }
}
