// The outermost layer around a service: what every request is checked for and what every response carries. One concrete
// wrapper instead of a chain of middleware, because each link of a chain costs an allocation per request.

import HTTPTypes
package import Hummingbird
import Logging
import NIOCore

/// Answers a service's requests.
package struct ServiceResponder: HTTPResponder {
    private let routes: RouterResponder<ServiceContext>
    private let table: RouteTable
    private let limits: ServiceLimits
    private let metrics: HTTPMetrics
    private let timing: RequestTiming?

    init(router: Router<ServiceContext>, limits: ServiceLimits, telemetry: ServiceTelemetry) {
        routes = router.buildResponder()
        // After the responder, since building it adds the HEAD routes.
        table = RouteTable(router)
        self.limits = limits
        metrics = HTTPMetrics(telemetry.metrics, routes: table)
        timing = RequestTiming(telemetry)
    }

    package func respond(to request: Request, context: ServiceContext) async throws -> Response {
        let start = NIODeadline.now()
        var context = context
        context.bodyBytesMax = limits.bodyBytesMax
        if timing != nil { context.trace = RequestTrace() }
        if let given = request.headers[.requestID], RequestIdentity.accepts(given) {
            context.requestID = given
            context.logger[metadataKey: Self.logKey] = .string(given)
        } else {
            // A log handler may keep no metadata.
            context.requestID = context.logger[metadataKey: Self.logKey]?.description ?? RequestID().description
        }
        var response = try await answer(request, context)
        if response.status.code >= 400, response.headers[.connection] == "close" {
            context.channel.triggerUserOutboundEvent(ConnectionGuard.LastResponseFollows(), promise: nil)
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers.append(HTTPField(name: .requestID, value: context.requestID))
        response.headers.append(Self.noSniffing)
        let path = context.endpointPath
        let duration = NIODeadline.now() - start
        metrics.count(path: path, method: request.method, status: response.status.code, duration: duration)
        if let timing, let trace = context.trace {
            if let header = timing.header(trace, duration) {
                response.headers.append(HTTPField(name: .serverTiming, value: header))
            }
            timing.noteIfSlow(
                trace, duration, route: path ?? HTTPMetrics.noRoute, method: request.method.rawValue,
                status: response.status.code, context.logger)
        }
        return response
    }

    private func answer(_ request: Request, _ context: ServiceContext) async throws -> Response {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytesMax {
            return Problem.payloadTooLarge(bytesMax: limits.bodyBytesMax).response
        }
        if request.uri.string.utf8.count > limits.uriBytesMax {
            return Problem.uriTooLong(bytesMax: limits.uriBytesMax).response
        }
        let response = try await routes.respond(to: request, context: context)
        if response.status == .notFound, context.endpointPath == Self.noRoute {
            return table.problem(for: request).response
        }
        return response
    }

    /// Where Hummingbird puts the id that it makes for each request.
    private static let logKey = "hb.request.id"
    /// What Hummingbird notes as the route when there is none.
    private static let noRoute = "NotFound"
    private static let noSniffing = HTTPField(name: .xContentTypeOptions, value: "nosniff")
}
