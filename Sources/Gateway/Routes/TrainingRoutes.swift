// Administration of training: /v1/training. The gateway only leaves requests in Redis and reads what became of them; a
// trainer does the work.

import Hummingbird
import Stores
import Telemetry
import WebService

/// Asks for training runs, shows and cancels them.
struct TrainingRoutes: Sendable {
    /// The most runs that are shown at once; Redis keeps no more.
    private static let runsMax = 200

    let training: TrainingRequests
    let admin: AdminGuard

    /// Adds the routes.
    func add(to router: Router<ServiceContext>) {
        router.get("/v1/training") { request, _ -> Response in
            try admin.check(request)
            let query = try QueryReader(request, known: ["count"])
            let count = try query.integer("count", in: 1...Self.runsMax, default: 20)
            return try await Problem.mapping { try await list(count) }
        }
        router.post("/v1/training") { request, context -> Response in
            try admin.check(request)
            let body = try await BodyReader(request, context, known: ["mode"])
            let mode = try Self.mode(try body.text("mode"))
            let ticket = try await Problem.mapping {
                try await training.request(mode, by: "gateway", nowMs: UTCTime.nowMs())
            }
            var writer = JSONWriter(capacity: 64)
            writer.object { writer in
                writer.field("run", ticket.run)
                writer.field("joined", ticket.isJoined)
            }
            return .json(writer)
        }
        router.get("/v1/training/:run") { request, context -> Response in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let id = try context.pathParameter("run")
            guard let run = try await Problem.mapping({ try await training.run(id) }) else { throw Self.unknown }
            var writer = JSONWriter(capacity: 1024)
            Self.write(run, &writer)
            return .json(writer)
        }
        router.delete("/v1/training/:run") { request, context -> Response in
            try admin.check(request)
            _ = try QueryReader(request, known: [])
            let id = try context.pathParameter("run")
            let state = try await Problem.mapping { try await training.cancel(id, nowMs: UTCTime.nowMs()) }
            guard let state else { throw Self.unknown }
            var writer = JSONWriter(capacity: 64)
            writer.object { writer in
                writer.field("run", id)
                writer.field("state", state.rawValue)
            }
            return .json(writer)
        }
    }

    private static var unknown: Problem { .notFound("there is no such run; GET /v1/training lists them") }

    private static func mode(_ text: String?) throws(Problem) -> TrainingMode? {
        guard let text else { return nil }
        guard let mode = TrainingMode(rawValue: text) else {
            throw .invalid("mode", "must be manual or autonomous, or be left out")
        }
        return mode
    }

    private func list(_ count: Int) async throws -> Response {
        let queue = try await training.queue()
        let runs = try await training.latest(countMax: count)
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.field("waiting", queue.waiting)
            writer.key("trainer")
            if let trainer = queue.trainer { writer.string(trainer) } else { writer.null() }
            writer.key("runs")
            writer.array { writer in for run in runs { Self.write(run, &writer) } }
        }
        return .json(writer)
    }

    private static func write(_ run: TrainingRun, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("run", run.id)
            writer.field("state", run.fields["state"] ?? "")
            writer.field("mode", run.mode)
            writer.field("by", run.by)
            writer.field("step", run.step)
            writer.field("percent", run.percent)
            writer.field("detail", run.detail)
            writer.field("attempt", run.attempt)
            for (name, value) in [
                ("requested_at_ms", run.requestedAtMs), ("started_at_ms", run.startedAtMs),
                ("finished_at_ms", run.finishedAtMs),
            ] {
                writer.key(name)
                if let value { writer.integer(value) } else { writer.null() }
            }
            for (name, value) in [("release", run.release), ("error", run.error)] {
                writer.key(name)
                if let value { writer.string(value) } else { writer.null() }
            }
            writer.key("steps")
            writer.array { writer in
                for step in run.steps {
                    writer.object { writer in
                        writer.field("step", step.name)
                        writer.field("duration_ms", step.durationMs)
                    }
                }
            }
            writer.key("metrics")
            writer.object { writer in
                for (name, value) in run.metrics.sorted(by: { $0.key < $1.key }) { writer.field(name, value) }
            }
        }
    }
}
