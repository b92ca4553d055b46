// A small service with a route of every kind, for the tests of what all services share.

import Embedded
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing
import WebService

/// A failure that no route foresees.
struct UnforeseenError: Error {}

/// What `POST /orders` reads.
struct Order: Decodable, Sendable {
    struct Line: Decodable, Sendable {
        let item: String
        let count: Int
    }
    let customer: JSONValue
    let lines: [Line]
}

enum SampleService {
    static let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func router(
        telemetry: ServiceTelemetry = ServiceTelemetry(role: "sample"), findings: [ReadinessFinding] = []
    ) -> Router<ServiceContext> {
        let router = makeRouter()
        ServiceRoutes(title: "Sample", openAPI: .gatewayOpenAPI, telemetry: telemetry) { findings }.add(to: router)
        router.get("/hello") { _, _ in "hello" }
        router.get("/echo/:word") { _, context in
            var writer = JSONWriter()
            writer.string(try context.pathParameter("word"))
            return Response.json(writer)
        }
        router.get("/things") { request, _ in
            let query = try QueryReader(request, known: ["k", "name"])
            return "\(try query.integer("k", in: 1...500, default: 100))"
        }
        router.delete("/things") { _, _ in "gone" }
        router.post("/orders") { request, context in
            let order = try await request.json(Order.self, context)
            return "\(order.customer.scalarText ?? order.customer.typeName) \(order.lines.count)"
        }
        router.post("/count") { request, context in "\(try await request.wholeBody(context).readableBytes)" }
        router.get("/big") { _, _ in ByteBuffer(repeating: 0x61, count: 4 << 20) }
        router.get("/unforeseen") { _, _ -> String in throw UnforeseenError() }
        router.get("/busy") { _, _ -> String in throw Problem.tooManyRequests("later", retryAfterSeconds: 7) }
        router.get("/framework") { _, _ -> String in throw HTTPError(.conflict, message: "two at once") }
        return router
    }

    static func application(
        limits: ServiceLimits = .standard, telemetry: ServiceTelemetry = ServiceTelemetry(role: "sample"),
        findings: [ReadinessFinding] = [], logger: Logger = quietLogger
    ) -> some ApplicationProtocol {
        makeApplication(
            router: router(telemetry: telemetry, findings: findings),
            address: ServiceAddress(host: "127.0.0.1", port: 0), limits: limits, telemetry: telemetry, logger: logger)
    }

    /// Runs the service on a real port for as long as `body` takes.
    static func withPort<Value: Sendable>(
        limits: ServiceLimits = .standard, _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> Value {
        try await application(limits: limits).test(.live) { client in
            try await body(try #require(client.port))
        }
    }
}
