// From a router to a running server: the limits, the guard on every connection, and the layers around the routes.

package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ServiceLifecycle

/// Where a service listens.
package struct ServiceAddress: Sendable, Equatable {
    /// The interface's name or address.
    package let host: String
    /// The TCP port; 0 lets the kernel choose one.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// The router that a service adds its routes to; what they throw is answered as problem+json.
package func makeRouter() -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ProblemMiddleware())
    return router
}

/// The server of a service. It is a `Service`: run it in a service group; on graceful shutdown it stops listening, lets
/// requests in progress finish, and returns.
/// - Parameters:
///   - router: from ``makeRouter()``, with all routes added.
///   - address: where to listen.
///   - limits: what clients may use.
///   - telemetry: where requests are counted.
///   - services: services that run as long as the server does, started before it and stopped after it.
///   - logger: for the server and, with the request's id, for its requests.
///   - onListening: called once with the bound port as soon as connections are accepted.
package func makeApplication(
    router: Router<ServiceContext>,
    address: ServiceAddress,
    limits: ServiceLimits = .standard,
    telemetry: ServiceTelemetry,
    services: [any Service] = [],
    logger: Logger,
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
) -> Application<ServiceResponder> {
    let channel = HTTP1Channel.Configuration(
        additionalChannelHandlers: [TurnFlush(), ConnectionGuard(limits: limits)],
        idleTimeout: .milliseconds(Int64(limits.idleTimeoutMs)))
    let configuration = ApplicationConfiguration(
        address: .hostname(address.host, port: address.port),
        backlog: 1024,
        availableConnectionsDelegate: .maximum(limits.connectionCountMax, logger: logger))
    return Application(
        responder: ServiceResponder(router: router, limits: limits, telemetry: telemetry),
        server: HTTPServerBuilder { responder in
            LoopHTTPChannel(http: HTTP1Channel(responder: responder, configuration: channel))
        },
        configuration: configuration,
        services: services,
        onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
        logger: logger)
}
