// The figures of the whole system: what Redis says about streams, generations, releases and training. What it cannot say
// is null, and the page says so.

import Stores
import Telemetry
import WebService

/// What is read from Redis for one look.
struct SharedFigures: Sendable {
    private var lag: Int?
    private var pending: Int?
    private var generation: Int?
    private var release: String?
    private var loadedAtMs: Int64?
    private var instances: Int?
    private var acknowledged: Int?
    private var outcome: ReleaseOutcome?
    private var run: TrainingRun?

    static func read(_ stores: RedisStores, live: LiveGeneration, deadlineMs: Int) async -> SharedFigures {
        var figures = SharedFigures()
        figures.generation = live.snapshot?.generation
        // One after the other: nobody waits for it, and a Redis that is away answers the first one with the same.
        guard let progress = try? await stores.events.progress(deadlineMs: deadlineMs) else { return figures }
        let features = progress.filter { $0.group == ConsumerGroup.features.rawValue }
        figures.pending = features.reduce(0) { $0 + $1.pending }
        let lags = features.compactMap(\.lag)
        figures.lag = lags.count == features.count ? lags.reduce(0, +) : nil
        if let generation = figures.generation, let info = try? await stores.generations.info(generation) {
            figures.release = info.release
            figures.loadedAtMs = info.fields["loaded_at_ms"].flatMap { Int64($0) }
            if let alive = try? await stores.instances.alive(nowMs: UTCTime.nowMs()),
                let acknowledgements = try? await stores.instances.acknowledgements(of: generation)
            {
                figures.instances = alive.count
                figures.acknowledged = alive.count { acknowledgements[$0] != nil }
            }
        }
        figures.outcome = try? await stores.releases.outcome()
        figures.run = try? await stores.training.latest(countMax: 1).first
        return figures
    }

    func write(_ writer: inout JSONWriter) {
        func field(_ name: String, _ value: Int64?) {
            writer.key(name)
            if let value { writer.integer(Int(value)) } else { writer.null() }
        }
        func text(_ name: String, _ value: String?) {
            writer.key(name)
            if let value { writer.string(value) } else { writer.null() }
        }
        field("lag", lag.map(Int64.init))
        field("pending", pending.map(Int64.init))
        field("generation", generation.map(Int64.init))
        text("release", release)
        field("loaded_at_ms", loadedAtMs)
        field("instances", instances.map(Int64.init))
        field("instances_on_generation", acknowledged.map(Int64.init))
        writer.key("reload")
        if let outcome {
            writer.object { writer in
                writer.field("request", outcome.request)
                writer.field("state", outcome.state)
                writer.field("reason", outcome.reason ?? "")
            }
        } else {
            writer.null()
        }
        writer.key("training")
        if let run {
            writer.object { writer in
                writer.field("run", run.id)
                writer.field("state", run.state?.rawValue ?? "")
                writer.field("step", run.step)
                writer.field("percent", run.percent)
                writer.field("detail", run.detail)
                writer.field("error", run.error ?? "")
            }
        } else {
            writer.null()
        }
    }
}
