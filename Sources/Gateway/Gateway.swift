// The gateway as a whole: what follows Redis, what answers, and the routes in front of it. This file only wires.

import Embedded
package import Hummingbird
package import Logging
package import Models
import Ranking
package import Settings
package import Stores
import Telemetry
package import WebService

/// The role that serves recommendations.
package struct Gateway: Sendable {
    /// What it counts.
    package let statistics: GatewayStatistics
    let telemetry: ServiceTelemetry
    let live: LiveGeneration
    let hidden: HiddenItems
    private let reader: StateReader
    private let settings: GatewaySettings
    private let stores: RedisStores
    private let types: EventTypes
    private let defaults: BlendDefaults
    private let generationsKept: Int
    private let logger: Logger
    private let journal: AnswerJournal?
    private let figures: LiveFigures
    private let served: ServedLists
    private let quality: QualityReader

    /// - Parameters:
    ///   - types: the event types with their weights, as the features consumer knows them.
    ///   - generationsKept: how many earlier generations an activation remembers, as the loader's settings say.
    ///   - instance: `gateway@host:pid`, by which others wait for this process.
    ///   - telemetry: where it counts.
    /// - Throws: ``SettingsError`` if the settings name an unknown blend, or a journal that cannot be written.
    package init(
        settings: GatewaySettings, types: EventTypes, generationsKept: Int, stores: RedisStores, instance: String,
        telemetry: ServiceTelemetry = ServiceTelemetry(role: "gateway"), logger: Logger
    ) throws(SettingsError) {
        guard let blend = Blend(rawValue: settings.blendName) else {
            let names = Blend.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError(variable: "BLEND", reason: "is \"\(settings.blendName)\"; it must be one of \(names)")
        }
        self.settings = settings
        self.stores = stores
        self.types = types
        self.generationsKept = generationsKept
        self.telemetry = telemetry
        self.logger = logger
        statistics = GatewayStatistics(telemetry.metrics)
        do { journal = try settings.journalPath.map { AnswerJournal(try JournalFile(path: $0)) } } catch {
            throw SettingsError(variable: "TEST_LOG", reason: "cannot be used: \(error)")
        }
        defaults = BlendDefaults(blend: blend, itemsLatest: settings.onlineLast)
        live = LiveGeneration(
            stores: stores, instance: instance, statistics: statistics, errors: ErrorCounters(telemetry.metrics),
            logger: logger)
        hidden = HiddenItems(stores: stores, logger: logger)
        figures = LiveFigures(stores: stores, live: live, statistics: statistics, metrics: telemetry.metrics)
        quality = QualityReader(stores.quality)
        served = ServedLists(
            stores.served, settings: settings.quality, blendDefault: blend, leavesOutTouched: settings.excludesTouched,
            metrics: telemetry.metrics)
        reader = StateReader(lists: stores.lists, events: stores.events, deadlineMs: settings.deadlineMs)
        collectMetrics(reader)
    }

    /// The server with all its routes, and what it needs to run beside them. It is a `Service`; the Redis client below
    /// the stores must run longer than it does.
    /// - Parameter onListening: called once with the bound port as soon as connections are accepted.
    package func application(
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) -> Application<ServiceResponder> {
        var application = makeApplication(
            router: router(), address: ServiceAddress(host: settings.http.host, port: settings.http.port),
            telemetry: telemetry, services: [live, hidden, figures, served], logger: logger, onListening: onListening)
        // The first request after a restart is to be as good as any: with a generation, and without hidden items. While
        // Redis is away this takes a command's deadline, no longer.
        application.beforeServerStarts {
            async let generation: Void = live.refresh()
            await hidden.refresh()
            await generation
        }
        return application
    }

    /// All routes.
    package func router() -> Router<ServiceContext> {
        let router = makeRouter()
        let recommender = Recommender(
            lists: stores.lists, reader: reader, hidden: hidden, statistics: statistics,
            rules: Recommender.Rules(
                types: types, halfLifeMs: settings.halfLifeMs, excludesTouched: settings.excludesTouched,
                deadlineMs: settings.deadlineMs),
            journal: journal)
        let admin = AdminGuard(token: settings.adminToken)
        ServiceRoutes(title: "Freshet gateway", openAPI: .gatewayOpenAPI, telemetry: telemetry) { await readiness() }
            .add(to: router)
        RecommendationRoutes(recommender: recommender, live: live, served: served, defaults: defaults).add(to: router)
        SessionRoutes(recommender: recommender, live: live, defaults: defaults, types: types).add(to: router)
        BatchRoutes(recommender: recommender, live: live, defaults: defaults).add(to: router)
        CatalogueRoutes(recommender: recommender, live: live).add(to: router)
        StatisticsRoutes(statistics: statistics, live: live, hidden: hidden, reader: reader).add(to: router)
        QualityRoutes(reader: quality).add(to: router)
        GenerationRoutes(stores: stores, live: live, admin: admin, generationsKept: generationsKept).add(to: router)
        ReleaseRoutes(stores: stores, live: live, admin: admin, generationsKept: generationsKept).add(to: router)
        ConsoleRoutes(
            mode: settings.console, stores: stores, figures: figures, events: EventReader(types: types)
        ).add(to: router)
        HiddenRoutes(store: stores.hidden, hidden: hidden, admin: admin).add(to: router)
        TrainingRoutes(training: stores.training, admin: admin).add(to: router)
        ClassicRoutes(
            recommender: recommender, live: live, served: served, statistics: statistics,
            reload: ReloadRequest(releases: stores.releases, logger: logger), defaults: defaults
        ).add(to: router)
        return router
    }

    /// Without Redis the gateway still answers, with popular items; a balancer that has a better one should know.
    private func readiness() async -> [ReadinessFinding] {
        let fault = await stores.fault(deadlineMs: 500)
        let generation = live.snapshot?.generation
        return [
            ReadinessFinding(name: "redis", isOK: fault == nil, detail: fault ?? "answers"),
            ReadinessFinding(
                name: "generation", isOK: generation != nil,
                detail: generation.map { "\($0) is live" } ?? "none is live yet; publish a release and load it"),
            ReadinessFinding(
                name: "hidden", isOK: hidden.items != nil,
                detail: hidden.items.map { "\($0.count) items are hidden" } ?? "the hidden items have not been read yet"
            ),
        ]
    }
}
