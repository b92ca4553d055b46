// Administration of generations: which are loaded, which is live, and the way back. Every instance hears of a change by
// the bell; this one looks at once, so that the operator's next request is answered from what was asked for.

import Hummingbird
import Stores
import Telemetry
import WebService

/// Shows and moves the pointer to the live generation.
struct GenerationRoutes: Sendable {
    let stores: RedisStores
    let live: LiveGeneration
    let admin: AdminGuard
    /// How many earlier generations are remembered for a rollback.
    let generationsKept: Int

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/generations") { request, _ in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            return try await Problem.mapping { try await list() }
        }
        router.post("/v1/generations/rollback") { request, _ in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let generation = try await Problem.mapping { try await stores.generations.rollBack(nowMs: UTCTime.nowMs()) }
            await live.refresh()
            return Self.response(active: generation)
        }
        router.post("/v1/generations/:generation/activate") { request, context in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let text = try context.pathParameter("generation")
            guard let generation = Int(text), generation > 0, String(generation) == text else {
                throw Problem.invalid(
                    "generation", "must be a generation's number; GET /v1/generations lists them")
            }
            _ = try await Problem.mapping {
                try await stores.generations.activate(generation, kept: generationsKept, nowMs: UTCTime.nowMs())
            }
            await live.refresh()
            return Self.response(active: generation)
        }
    }

    private static func response(active: Int) -> Response {
        var writer = JSONWriter(capacity: 32)
        writer.object { $0.field("active", active) }
        return .json(writer)
    }

    private func list() async throws -> Response {
        let active = try await stores.generations.active()
        let previous = try await stores.generations.previous()
        let infos = try await stores.generations.all()
        var acknowledgements: [String: Int64] = [:]
        if let active { acknowledgements = try await stores.instances.acknowledgements(of: active) }
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.key("active")
            if let active { writer.integer(active) } else { writer.null() }
            writer.key("previous")
            writer.array { writer in
                for generation in previous { writer.integer(generation) }
            }
            writer.key("generations")
            writer.array { writer in
                for info in infos { Self.write(info, isLive: info.generation == active, &writer) }
            }
            writer.key("acknowledgements")
            writer.array { writer in
                for (instance, timeMs) in acknowledgements.sorted(by: { $0.key < $1.key }) {
                    writer.object { writer in
                        writer.field("instance", instance)
                        writer.field("at_ms", timeMs)
                    }
                }
            }
        }
        return .json(writer)
    }

    private static func write(_ info: GenerationInfo, isLive: Bool, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("generation", info.generation)
            writer.field("state", info.state)
            writer.field("release", info.release)
            writer.field("live", isLive)
            writer.key("details")
            writer.object { writer in
                for (name, value) in info.fields.sorted(by: { $0.key < $1.key })
                where name != "state" && name != "release" {
                    writer.field(name, value)
                }
            }
        }
    }
}
