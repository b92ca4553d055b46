// The HTTP producer of events: it puts the lag guard, the routes and the server together.

import Embedded
import Hummingbird
package import Logging
import Models
import ServiceLifecycle
package import Settings
package import Stores
import Telemetry
package import WebService

/// Takes events over HTTP and appends them to the event stream.
package struct EventIngest: Service {
    let lagGuard: LagGuard
    let statistics: IngestStatistics
    private let telemetry: ServiceTelemetry
    private let stores: RedisStores
    private let settings: IngestSettings
    private let events: EventSettings
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameters:
    ///   - stores: on a client that runs as long as this service and stops after it.
    ///   - settings: how events are taken.
    ///   - events: the stream's shape, the same for all roles.
    ///   - telemetry: where it counts.
    ///   - logger: for this role.
    ///   - onListening: called once with the HTTP port as soon as it accepts connections.
    package init(
        stores: RedisStores, settings: IngestSettings, events: EventSettings,
        telemetry: ServiceTelemetry = ServiceTelemetry(role: "ingest"), logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.stores = stores
        self.settings = settings
        self.events = events
        self.telemetry = telemetry
        self.logger = logger
        statistics = IngestStatistics(telemetry.metrics)
        self.onListening = onListening
        lagGuard = LagGuard(events: stores.events, lagCountMax: settings.lagCountMax, logger: logger)
    }

    /// Runs until a graceful shutdown; requests under way are answered first.
    package func run() async throws {
        try await application().run()
    }

    func application() -> Application<ServiceResponder> {
        var limits = ServiceLimits.standard
        limits.bodyBytesMax = settings.bodyBytesMax
        return makeApplication(
            router: router(), address: ServiceAddress(host: settings.http.host, port: settings.http.port),
            limits: limits, telemetry: telemetry, services: [lagGuard], logger: logger, onListening: onListening)
    }

    /// The HTTP routes.
    func router() -> Router<ServiceContext> {
        let router = makeRouter()
        ServiceRoutes(title: "Freshet ingest", openAPI: .ingestOpenAPI, telemetry: telemetry) { await findings() }
            .add(to: router)
        let fields = EventFieldsReader(events: EventReader(types: events.types))
        let route = EventsRoute(
            events: stores.events, reader: EventRequestReader(fields: fields, eventCountMax: settings.batchCountMax),
            lagGuard: lagGuard, statistics: statistics)
        let compatible = CompatibleRoutes(
            events: stores.events, online: stores.online, reader: fields, lagGuard: lagGuard,
            statistics: statistics)
        router.post("/v1/events") { request, context in try await route.handle(request, context) }
        router.post("/put") { request, _ in try await compatible.put(request) }
        router.post("/get") { request, _ in try await compatible.get(request) }
        return router
    }

    private func findings() async -> [ReadinessFinding] {
        if let fault = await stores.fault(deadlineMs: LagGuard.deadlineMs) {
            return [ReadinessFinding(name: "redis", isOK: false, detail: fault)]
        }
        await lagGuard.refresh()
        let (isOK, detail) =
            switch lagGuard.lag {
            case .unknown(let reason): (false, reason)
            case .noGroup: (true, "no features consumer has been here yet; events wait on the stream")
            case .entries(let count): (count <= settings.lagCountMax, "lag \(count), limit \(settings.lagCountMax)")
            }
        return [
            ReadinessFinding(name: "redis", isOK: true, detail: "answers"),
            ReadinessFinding(name: "features group", isOK: isOK, detail: detail),
        ]
    }
}
