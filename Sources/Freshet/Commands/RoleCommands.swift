// The long-running roles, each in a process of its own. `freshet up` runs them all in one.

import ArgumentParser
import Bootstrap
import CoreMetrics
import Logging
import Redis
import ServiceLifecycle
import Settings
import Stores
import Telemetry
import WebService

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Take events over HTTP and put them on the stream (port 8092).")

    func run() async throws {
        let role = try await RoleProcess.load(role: "ingest")
        // Its Redis user may append events and no more; it calls no functions.
        try await role.run(
            [try Roles.ingest(role.reader, stores: role.redisStores, telemetry: role.telemetry)], callsFunctions: false)
    }
}

struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Keep users' online state up to date with the stream (port 8091).")

    func run() async throws {
        let role = try await RoleProcess.load(role: "features")
        try await role.run([try Roles.features(role.reader, stores: role.redisStores, telemetry: role.telemetry)])
    }
}

struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Copy events from the stream to the object store, for training (watched on port 8094).")

    func run() async throws {
        let role = try await RoleProcess.load(role: "archive")
        let objects = try Resources.objectStore(role.stores.objects, metrics: role.telemetry.metrics)
        try await role.run(
            try Roles.archiver(
                role.reader, stores: role.redisStores, files: EventArchiveStore(objects: objects),
                telemetry: role.telemetry))
    }
}

struct LoaderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loader",
        abstract: "Load releases from the object store into Redis and make them live (watched on port 8093).")

    func run() async throws {
        let role = try await RoleProcess.load(role: "loader")
        let objects = try Resources.objectStore(role.stores.objects, metrics: role.telemetry.metrics)
        try await role.run(
            try Roles.loader(
                role.reader, stores: role.redisStores, releases: ReleaseStore(objects: objects),
                telemetry: role.telemetry))
    }
}

struct TrainerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trainer",
        abstract: "Train on request and on a schedule, and ask for the releases (watched on port 8095).")

    func run() async throws {
        let role = try await RoleProcess.load(role: "trainer")
        let objects = try Resources.objectStore(role.stores.objects, metrics: role.telemetry.metrics)
        try await role.run(
            try Roles.trainer(
                role.reader, stores: role.redisStores, training: TrainingStores(objects: objects),
                telemetry: role.telemetry))
    }
}

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Answer with recommendations over HTTP (port 8090).")

    @Flag(help: TraceFlag.help) var trace = false

    func run() async throws {
        let role = try await RoleProcess.load(role: "gateway")
        let gateway = try Roles.gateway(
            role.reader, stores: role.redisStores, telemetry: role.telemetry, isTraced: trace)
        try await role.run([gateway])
    }
}

/// What --trace does, wherever it is said.
enum TraceFlag {
    static let help = ArgumentHelp(
        "Write every answer with what it was made from to logs/test_service.log; as TEST_MODE=1 does.")
}

/// A process that runs one role on the Redis of its settings.
struct RoleProcess {
    let reader: SettingsReader
    let stores: StoreSettings
    let redisStores: RedisStores
    let telemetry: ServiceTelemetry
    private let logger: Logger

    static func load(role: String) async throws -> RoleProcess {
        let environment = try await ProcessEnvironment.load()
        let stores = try StoreSettings(environment.settings)
        let telemetry = try Roles.telemetry(environment.settings, role: role)
        // What libraries count through swift-metrics is the role's too, since the process is.
        MetricsSystem.bootstrap(telemetry.metrics)
        let client = try Resources.redisClient(
            stores.redis, name: role, connectionCount: Roles.connectionCount(role), metrics: telemetry.metrics)
        let partitions = try EventSettings(environment.settings).partitions
        return RoleProcess(
            reader: environment.settings, stores: stores,
            redisStores: RedisStores(client: client, partitions: partitions), telemetry: telemetry,
            logger: Logger(label: role))
    }

    /// Runs the role's services above the Redis client until a signal.
    func run(_ services: [any Service], callsFunctions: Bool = true) async throws {
        logger.info("starting", metadata: ["redis": "\(stores.redis)"])
        let updates: [any Service] = callsFunctions ? [FunctionUpdate(client: redisStores.client)] : []
        try await ServiceRunner.run([redisStores.client] + updates + services, logger: logger)
    }
}
