// GET /v1/stats: what the gateway has done since it started.

import Hummingbird
import Ranking
import WebService

/// The gateway's figures.
struct StatisticsRoutes: Sendable {
    let statistics: GatewayStatistics
    let live: LiveGeneration
    let hidden: HiddenItems
    let reader: StateReader

    /// Adds the route.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/stats") { request, _ in
            _ = try QueryReader(request, known: [])
            return response()
        }
    }

    private func response() -> Response {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.key("generation")
            if let snapshot = live.snapshot { writer.integer(snapshot.generation) } else { writer.null() }
            writer.key("answers")
            writer.object { writer in
                for rung in Rung.allCases { writer.field(rung.rawValue, statistics.answers(rung)) }
            }
            writer.key("items")
            writer.object { writer in
                for source in Source.allCases { writer.field(source.rawValue, statistics.items(source)) }
            }
            writer.field("parity_violations", statistics.parityViolations)
            writer.field("stale_answers", statistics.staleAnswers)
            writer.field("waiting", reader.waiting)
            writer.field("touches_refetched", statistics.touchesRefetched)
            writer.field("hidden_items", hidden.items?.count ?? 0)
        }
        return .json(writer)
    }
}
