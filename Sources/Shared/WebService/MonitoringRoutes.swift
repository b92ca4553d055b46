// The routes by which machines watch a process: does it live, can it work, what has it done. Roles without an HTTP side of
// their own have these alone, on a port of their own.

import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
import Telemetry

/// Adds `/healthz`, `/readyz` and `/metrics`.
package struct MonitoringRoutes: Sendable {
    private let telemetry: ServiceTelemetry
    private let readiness: ReadinessCheck

    /// - Parameter readiness: what /readyz asks.
    package init(telemetry: ServiceTelemetry, readiness: @escaping ReadinessCheck) {
        self.telemetry = telemetry
        self.readiness = readiness
    }

    /// Adds the routes.
    package func add(to router: Router<ServiceContext>) {
        router.get("/healthz") { _, _ in
            var writer = JSONWriter(capacity: 16)
            writer.object { $0.field("status", "ok") }
            return Response.json(writer)
        }
        let readiness = readiness
        router.get("/readyz") { _, _ in Readiness.response(await readiness()) }
        let metrics = telemetry.metrics
        router.get("/metrics") { request, _ in
            let format = ExpositionFormat(accept: request.headers[values: .accept])
            let page = await metrics.exposition(format)
            return Response(
                status: .ok, headers: [.contentType: format.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: page)))
        }
    }
}

/// The server of a role that has nothing to serve but these routes.
package func makeMonitor(
    address: ServiceAddress, telemetry: ServiceTelemetry, logger: Logger, readiness: @escaping ReadinessCheck
) -> Application<ServiceResponder> {
    let router = makeRouter()
    MonitoringRoutes(telemetry: telemetry, readiness: readiness).add(to: router)
    return makeApplication(router: router, address: address, telemetry: telemetry, logger: logger)
}
