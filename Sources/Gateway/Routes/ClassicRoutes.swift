// The routes that clients of the classic three-service layout know: POST with query parameters, items and nothing else in
// the answer. What such clients send beside the known parameters has always been passed over.

import Hummingbird
import Models
import Ranking
import WebService

/// The compatible routes.
struct ClassicRoutes: Sendable {
    let recommender: Recommender
    let live: LiveGeneration
    let served: ServedLists
    let statistics: GatewayStatistics
    let reload: ReloadRequest
    let defaults: BlendDefaults

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.post("/recommendations") { request, context in
            let (made, options) = try await answer(request, context) { _ in }
            served.note(made, options)
            return made.classicResponse
        }
        router.post("/recommendations_offline") { request, context in
            try await answer(request, context) { $0.blend = .offline }.made.classicResponse
        }
        router.post("/recommendations_online") { request, context in
            try await answer(request, context) { options in
                options.blend = .online
                options.isFilledUp = false
            }.made.classicResponse
        }
        router.post("/reload") { _, _ in
            let isLive = await reload.newest(seenBy: live)
            return Self.result(isLive ? "OK" : "ERROR", status: isLive ? .ok : .serviceUnavailable)
        }
        router.post("/stats") { _, _ in
            let counts = statistics.classicCounts
            var writer = JSONWriter(capacity: 96)
            writer.object { writer in
                writer.key("stat")
                writer.object { writer in
                    writer.field("request_personal_count", counts.personal)
                    writer.field("request_default_count", counts.popular)
                }
            }
            return Response.json(writer)
        }
        router.post("/stats_reset") { _, _ in
            statistics.resetClassicCounts()
            return Self.result("OK")
        }
    }

    private func answer(
        _ request: Request, _ context: ServiceContext, _ adjust: (inout AnswerOptions) -> Void
    ) async throws -> (made: Answer, options: AnswerOptions) {
        let query = try QueryReader(request, known: ["user_id", "k", "n_last"], unknown: .ignored)
        let user = try UserID(requested: query.required("user_id"))
        var options = AnswerOptions(
            count: try query.integer("k", in: RequestLimits.count, default: RequestLimits.countDefault),
            defaults: defaults)
        options.itemsLatest = try query.integer(
            "n_last", in: RequestLimits.itemsLatest, default: defaults.itemsLatest)
        adjust(&options)
        let made = try await recommender.answer(for: user, options, from: live.required(), trace: context.trace)
        return (made, options)
    }

    private static func result(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 24)
        writer.object { $0.field("result", text) }
        return .json(writer, status: status)
    }
}
