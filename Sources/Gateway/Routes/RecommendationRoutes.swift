// GET /v1/recommendations/{user_id} and its two variants with one side only.

import Hummingbird
import Models
import Ranking
import WebService

/// Recommendations for known users.
struct RecommendationRoutes: Sendable {
    private static let known = AnswerOptions.names + Freshness.names
    private static let knownWithoutBlend = known.filter { $0 != "blend" }

    let recommender: Recommender
    let live: LiveGeneration
    let served: ServedLists
    let defaults: BlendDefaults

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/recommendations/:user_id") { request, context in
            try await answer(request, context, blend: nil)
        }
        router.get("/v1/recommendations/:user_id/offline") { request, context in
            try await answer(request, context, blend: .offline)
        }
        router.get("/v1/recommendations/:user_id/online") { request, context in
            try await answer(request, context, blend: .online)
        }
    }

    private func answer(_ request: Request, _ context: ServiceContext, blend: Blend?) async throws -> Response {
        let user = try UserID(requested: context.pathParameter("user_id"))
        let query = try QueryReader(request, known: blend == nil ? Self.known : Self.knownWithoutBlend)
        var options = try AnswerOptions(query, defaults: defaults)
        let freshness = try Freshness(query)
        if let blend { options.blend = blend }
        let made = try await recommender.answer(
            for: user, options, freshness: freshness, from: live.required(), trace: context.trace)
        // A side alone is looked at by people who compare, not by users.
        if blend == nil { served.note(made, options) }
        return made.response(context.trace)
    }
}

extension UserID {
    /// A user id out of a request.
    init(requested text: String) throws(Problem) {
        guard let user = UserID(text) else { throw .invalid("user_id", "must be \(IdentifierRule.description)") }
        self = user
    }
}

extension LiveGeneration {
    /// The snapshot to answer from.
    /// - Throws: ``Problem`` 503 before the first generation.
    func required() throws(Problem) -> GenerationSnapshot {
        guard let snapshot else {
            throw .serviceUnavailable(
                "no generation is loaded yet; publish a release (freshet train) and load it (freshet reload), or wait if "
                    + "that is under way", retryAfterSeconds: 2)
        }
        return snapshot
    }
}
