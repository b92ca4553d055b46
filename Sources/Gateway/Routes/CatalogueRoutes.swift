// What a generation says about items, whoever asks: GET /v1/items/{id}/similar and GET /v1/popular.

import Hummingbird
import Models
import Stores
import WebService

/// Lists that belong to no user.
struct CatalogueRoutes: Sendable {
    let recommender: Recommender
    let live: LiveGeneration

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/items/:item_id/similar") { request, context in
            let text = try context.pathParameter("item_id")
            guard let item = ItemID(text) else {
                throw Problem.invalid("item_id", "must be \(IdentifierRule.description)")
            }
            let count = try Self.count(QueryReader(request, known: ["k"]))
            let generation = try live.required()
            let items = try await similar(to: item, generation)
            return response("similar", items, count: count, generation) { $0.field("item_id", item.text) }
        }
        router.get("/v1/popular") { request, _ in
            let query = try QueryReader(request, known: ["category", "k"])
            let category = try CategoryName.checked(query.text("category"))
            let count = try Self.count(query)
            let generation = try live.required()
            let items = try await recommender.popular(of: category, generation)
            return response("popular", items, count: count, generation) { writer in
                writer.key("category")
                if let category { writer.string(category) } else { writer.null() }
            }
        }
    }

    private static func count(_ query: QueryReader) throws(Problem) -> Int {
        try query.integer("k", in: RequestLimits.count, default: RequestLimits.countDefault)
    }

    private func similar(to item: ItemID, _ generation: GenerationSnapshot) async throws -> [ScoredItem] {
        try await Problem.mapping {
            try await recommender.lists.similar(
                [item], generation: generation.generation, deadlineMs: recommender.rules.deadlineMs
            ).first ?? []
        }
    }

    private func response(
        _ name: String, _ items: [ScoredItem], count: Int, _ generation: GenerationSnapshot,
        _ head: (inout JSONWriter) -> Void
    ) -> Response {
        let hidden = recommender.hidden.items ?? []
        var writer = JSONWriter(capacity: 128 + count * 56)
        writer.object { writer in
            head(&writer)
            writer.field("generation", generation.generation)
            writer.key(name)
            writer.array { writer in
                let shown = items.lazy.filter { !hidden.contains($0.item) }.prefix(count)
                for (index, scored) in shown.enumerated() {
                    writer.object { writer in
                        writer.key("item_id")
                        writer.plainString(scored.item.text)
                        writer.field("place", index + 1)
                        writer.field("score", scored.score)
                    }
                }
            }
        }
        var response = Response.json(writer)
        response.headers.append(generation.header)
        return response
    }
}
