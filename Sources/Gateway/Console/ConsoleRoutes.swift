// The live console: its page out of the binary, the figures it shows, and the events it sends. The page shows users and lists to whoever
// reaches the port, so it is there only where CONSOLE says so.

import Embedded
import HTTPTypes
import Hummingbird
import Models
import NIOCore
import ServiceLifecycle
import Settings
import Stores
import WebService

/// The console's routes.
struct ConsoleRoutes: Sendable {
    /// Users that are suggested at most.
    private static let usersMax = 100
    /// How long Redis may take, in milliseconds.
    private static let deadlineMs = 1000

    let mode: ConsoleMode
    let stores: RedisStores
    let figures: LiveFigures
    let events: EventReader

    /// Nothing from elsewhere, no inline script or style.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """
    private static let page = StaticAsset(.consolePage, type: "text/html; charset=utf-8", policy: policy)
    private static let assets = [
        "console.css": StaticAsset(.consoleStyle, type: "text/css; charset=utf-8"),
        "console.js": StaticAsset(.consoleScript, type: "text/javascript; charset=utf-8"),
    ]

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.get("/") { request, _ in
            mode == .off ? Response.redirect(to: "docs", type: .temporary) : Self.page.response(to: request)
        }
        router.get("/console/:asset") { request, context in
            try check()
            guard let asset = Self.assets[try context.pathParameter("asset")] else {
                throw Problem.notFound("the console has no file of this name; / is its page")
            }
            return asset.response(to: request)
        }
        router.get("/v1/live") { request, _ in
            try check()
            _ = try QueryReader(request, known: [])
            return try watch()
        }
        router.get("/v1/console/users") { request, _ in
            try check()
            let query = try QueryReader(request, known: ["count"])
            let count = try query.integer("count", in: 1...Self.usersMax, default: 20)
            let users = try await Problem.mapping { try await stores.online.latestUsers(countMax: count) }
            var writer = JSONWriter(capacity: 32 + users.count * 16)
            writer.object { writer in
                writer.key("users")
                writer.array { writer in for user in users { writer.string(user.text) } }
                writer.field("sends_events", mode == .on)
            }
            return Response.json(writer)
        }
        router.post("/v1/console/events") { request, context in try await send(request, context) }
    }

    private func check() throws(Problem) {
        guard mode != .off else {
            throw .forbidden("the console is switched off; set CONSOLE=view or CONSOLE=on and start the gateway again")
        }
    }

    private func watch() throws(Problem) -> Response {
        guard let stream = figures.watch() else {
            throw .serviceUnavailable(
                "\(LiveFigures.viewersMax) consoles are open already; close one", retryAfterSeconds: 10)
        }
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        let body = ResponseBody { writer in
            // The first bytes go out at once, so that the browser knows that it is connected.
            try await writer.write(ByteBuffer(string: ": hello\n\n"))
            // The server waits for every answer before it ends, and this one has no end of its own.
            for await event in stream.cancelOnGracefulShutdown() { try await writer.write(event) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// One event, as a person at the console causes it. Another site's page cannot: it may not send JSON here without being
    /// allowed to, which nobody allows, and browsers say where a request comes from.
    private func send(_ request: Request, _ context: ServiceContext) async throws -> Response {
        guard mode == .on else {
            throw Problem.forbidden("the console sends no events here; set CONSOLE=on and start the gateway again")
        }
        if let site = request.headers[Self.fetchSite], site != "same-origin", site != "none" {
            throw Problem.forbidden("events are taken from the console's own page only")
        }
        let names = [EventField.user, EventField.item, EventField.type]
        let body = try await BodyReader(request, context, known: names)
        var fields: [(name: String, value: String)] = []
        for name in names {
            if let value = try body.text(name) { fields.append((name, value)) }
        }
        let event: Event
        do { event = try events.read { name in fields.first { $0.name == name }?.value } } catch {
            throw Problem.invalid(error.field, error.reason)
        }
        guard let result = await stores.events.append([(user: event.user, fields: fields)]).first else {
            throw Problem.serviceUnavailable("the event is not on the stream; try again", retryAfterSeconds: 1)
        }
        switch result {
        case .success(let id):
            var writer = JSONWriter(capacity: 48)
            writer.object { $0.field("stream_id", id.description) }
            return Response.json(writer)
        case .failure(let error):
            throw Problem.serviceUnavailable("the event is not on the stream: \(error)", retryAfterSeconds: 1)
        }
    }

    /// Where a browser says that a request comes from. The text is a valid name, so the fallback is never taken.
    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .from
}
