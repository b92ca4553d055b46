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
import Telemetry
import Tracking
import Trainer
import WebService

/// The roles as services.
enum Roles {
    /// How many Redis connections a role shares among its commands. Each of the gateway's requests asks Redis, from the
    /// event loop that the request came on.
    static func connectionCount(_ role: String) -> Int {
        role == "gateway" ? RedisConfiguration.connectionCountOfEventLoops : 1
    }

    /// What a role counts with and what it notes; one for each role, made before the role's Redis client.
    static func telemetry(_ reader: SettingsReader, role: String) throws -> ServiceTelemetry {
        let settings = try TelemetrySettings(reader)
        return ServiceTelemetry(
            metrics: MetricsRegistry(role: role), slowRequestMs: settings.slowRequestMs,
            showsTiming: settings.showsTiming)
    }

    static func ingest(
        _ reader: SettingsReader, stores: RedisStores, telemetry: ServiceTelemetry
    ) throws -> any Service {
        EventIngest(
            stores: stores, settings: try IngestSettings(reader), events: try EventSettings(reader),
            telemetry: telemetry, logger: Logger(label: "ingest"))
    }

    static func features(
        _ reader: SettingsReader, stores: RedisStores, telemetry: ServiceTelemetry
    ) throws -> any Service {
        Features(
            stores: stores, settings: try FeaturesSettings(reader), events: try EventSettings(reader),
            instance: ProcessEnvironment.instanceName(role: "features"), telemetry: telemetry,
            logger: Logger(label: "features"))
    }

    /// The archiver, and the port on which it is watched.
    static func archiver(
        _ reader: SettingsReader, stores: RedisStores, files: EventArchiveStore, telemetry: ServiceTelemetry
    ) throws -> [any Service] {
        let settings = try ArchiverSettings(reader)
        let archiver = Archiver(
            stores: stores, files: files, settings: settings,
            instance: ProcessEnvironment.instanceName(role: "archive"), metrics: telemetry.metrics,
            logger: Logger(label: "archive"))
        return [archiver, monitor(settings.http, stores: stores, telemetry: telemetry, label: "archive")]
    }

    /// The loader, and the port on which it is watched.
    static func loader(
        _ reader: SettingsReader, stores: RedisStores, releases: ReleaseStore, telemetry: ServiceTelemetry
    ) throws -> [any Service] {
        let settings = try LoaderSettings(reader)
        let loader = Loader(
            stores: stores, releases: releases, settings: settings,
            instance: ProcessEnvironment.instanceName(role: "loader"), metrics: telemetry.metrics)
        return [loader, monitor(settings.http, stores: stores, telemetry: telemetry, label: "loader")]
    }

    /// The trainer, the port on which it is watched, and, with MLflow, the loop that sends runs there.
    static func trainer(
        _ reader: SettingsReader, stores: RedisStores, training: TrainingStores, telemetry: ServiceTelemetry
    ) throws -> [any Service] {
        let (steps, types) = (try TrainingSettings(reader), try EventSettings(reader).types)
        let settings = try TrainerSettings(reader)
        let parameters = TrainingParameters(steps, types: types)
        let instance = ProcessEnvironment.instanceName(role: "trainer")
        let (recorder, loop) = try tracking(
            reader, stores: stores, training: training, parameters: parameters, instance: instance,
            metrics: telemetry.metrics)
        let trainer = Trainer(
            stores: stores,
            work: PipelineWork(
                TrainingPipeline(
                    stores: training, preparation: PreparationParameters(steps, types: types), parameters: parameters)),
            settings: settings, instance: instance, metrics: telemetry.metrics, recorder: recorder,
            logger: Logger(label: "trainer"))
        return loop + [trainer, monitor(settings.http, stores: stores, telemetry: telemetry, label: "trainer")]
    }

    /// What writes runs down in MLflow, and what sends them there in the background; nothing without MLFLOW_TRACKING_URI.
    private static func tracking(
        _ reader: SettingsReader, stores: RedisStores, training: TrainingStores, parameters: TrainingParameters,
        instance: String, metrics: MetricsRegistry
    ) throws -> (recorder: RunRecorder?, loop: [any Service]) {
        let found = try recorder(reader, training: training, parameters: parameters, metrics: metrics)
        guard let found else { return (nil, []) }
        let lease = stores.trackingLease(token: instance)
        return (found, [TrackingLoop(found.tracker, lease: lease, logger: Logger(label: "mlflow"))])
    }

    /// What writes runs down in MLflow; nil without MLFLOW_TRACKING_URI.
    static func recorder(
        _ reader: SettingsReader, training: TrainingStores, parameters: TrainingParameters, metrics: MetricsRegistry
    ) throws -> RunRecorder? {
        let settings = try MLflowSettings(reader)
        guard settings.trackingURI != nil else { return nil }
        let logger = Logger(label: "mlflow")
        let tracker = try Tracker(settings, stores: training, metrics: metrics, logger: logger)
        return RunRecorder(tracker, models: training.models, parameters: parameters, logger: logger)
    }

    static func gateway(
        _ reader: SettingsReader, stores: RedisStores, telemetry: ServiceTelemetry, isTraced: Bool,
        console: ConsoleMode = .off
    ) throws -> any Service {
        try Gateway(
            settings: try GatewaySettings(reader, isTraced: isTraced, consoleDefault: console),
            types: try EventSettings(reader).types,
            generationsKept: try LoaderSettings(reader).generationsKept, stores: stores,
            instance: ProcessEnvironment.instanceName(role: "gateway"), telemetry: telemetry,
            logger: Logger(label: "gateway")
        ).application()
    }

    /// Health and metrics of a role that has no HTTP side of its own.
    static func monitor(
        _ http: HTTPSettings, stores: RedisStores, telemetry: ServiceTelemetry, label: String
    ) -> any Service {
        makeMonitor(
            address: ServiceAddress(host: http.host, port: http.port), telemetry: telemetry,
            logger: Logger(label: label)
        ) {
            let fault = await stores.fault(deadlineMs: 1000)
            return [ReadinessFinding(name: "redis", isOK: fault == nil, detail: fault ?? "answers")]
        }
    }
}
