// Administration of releases: what each changes, and an administrator's word on the one that waits.

import FoundationEssentials
import Hummingbird
import Models
import Stores
import Telemetry
import WebService

/// Shows reports, and lets the release that waits pass or not.
struct ReleaseRoutes: Sendable {
    /// Whose word it is, as the record says; the token does not tell persons apart.
    private static let administrator = "the gateway's administrator"

    let stores: RedisStores
    let live: LiveGeneration
    let admin: AdminGuard
    /// How many earlier generations are remembered for a rollback.
    let generationsKept: Int

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/releases") { request, _ in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let reports = try await Problem.mapping { try await stores.reports.all() }
            return try Self.answer(["releases": reports])
        }
        router.get("/v1/releases/:release") { request, context in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let release = try context.pathParameter("release")
            guard let report = try await Problem.mapping({ try await stores.reports.report(of: release) }) else {
                throw Problem.notFound("this release has no report; GET /v1/releases lists those that have one")
            }
            return try Self.answer(report)
        }
        router.post("/v1/releases/:release/approve") { request, context in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let info = try await waiting(context.pathParameter("release"))
            let nowMs = UTCTime.nowMs()
            try await Problem.mapping {
                try await stores.generations.approve(
                    info.generation, by: Self.administrator, kept: generationsKept, nowMs: nowMs)
                try await stores.reports.note(.approved, of: info.release, by: Self.administrator, nowMs: nowMs)
            }
            await live.refresh()
            var writer = JSONWriter(capacity: 32)
            writer.object { $0.field("active", info.generation) }
            return Response.json(writer)
        }
        router.post("/v1/releases/:release/refuse") { request, context in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let info = try await waiting(context.pathParameter("release"))
            let (nowMs, reason) = (UTCTime.nowMs(), "refused by an administrator")
            try await Problem.mapping {
                try await stores.generations.reject(info.generation, reason: reason, nowMs: nowMs)
                try await stores.reports.note(
                    .refused, of: info.release, by: Self.administrator, reason: reason, nowMs: nowMs)
            }
            var writer = JSONWriter(capacity: 64)
            writer.object { $0.field("refused", info.release) }
            return Response.json(writer)
        }
    }

    /// A value as it is written down, with its members in a fixed order.
    private static func answer(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Response.json(Array(try encoder.encode(value)))
    }

    private func waiting(_ release: String) async throws -> GenerationInfo {
        let all = try await Problem.mapping { try await stores.generations.all() }
        guard let found = all.last(where: { $0.state == "waiting" && $0.release == release }) else {
            throw Problem.notFound("this release does not wait for approval; GET /v1/releases says what became of each")
        }
        return found
    }
}
