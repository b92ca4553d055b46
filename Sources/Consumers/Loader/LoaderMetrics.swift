// What the loader counts, and how far instances have followed its switches.

import Stores
import Telemetry

/// The loader's figures.
struct LoaderMetrics: Sendable {
    /// How long Redis may take for the figures of a scrape, in milliseconds.
    private static let deadlineMs = 1000

    private static let requests = MetricDefinition.counter(
        "freshet_release_requests_total", "Requests to load a release, by what became of them.")
    private static let objections = MetricDefinition.counter(
        "freshet_release_objections_total", "What spoke against releases at the gate, by ground.")
    private static let withdrawals = MetricDefinition.counter(
        "freshet_release_withdrawals_total",
        "Ways in which answers became worse with generations that were taken back; one may have several.")
    private static let loading = MetricDefinition.histogram(
        "freshet_release_load_seconds", "How long it took to bring a release into Redis and to verify it.", .jobSeconds)

    let errors: ErrorCounters
    /// Requests after which the release was live.
    let loaded: CounterCell
    /// Requests whose release cannot be loaded.
    let refused: CounterCell
    /// Requests whose release waits for a person.
    let waiting: CounterCell
    let duration: HistogramCell
    private let withdrawn: [AnswerTally.Kind: CounterCell]
    private let grounds: [ReleaseGate.Ground: CounterCell]

    init(_ metrics: MetricsRegistry, stores: RedisStores) {
        errors = ErrorCounters(metrics)
        loaded = metrics.counter(Self.requests, ["outcome": "loaded"])
        refused = metrics.counter(Self.requests, ["outcome": "refused"])
        waiting = metrics.counter(Self.requests, ["outcome": "waiting"])
        withdrawn = Dictionary(
            uniqueKeysWithValues: AnswerTally.Kind.allCases.map { kind in
                (kind, metrics.counter(Self.withdrawals, ["kind": kind.rawValue]))
            })
        grounds = Dictionary(
            uniqueKeysWithValues: ReleaseGate.Ground.allCases.map { ground in
                (ground, metrics.counter(Self.objections, ["ground": ground.rawValue]))
            })
        duration = metrics.histogram(Self.loading)
        metrics.collect { await Self.generations(stores) }
    }

    /// Counts what spoke against a release.
    func count(_ objections: [ReleaseGate.Objection]) {
        for objection in objections { grounds[objection.ground]?.increment() }
    }

    /// Counts a generation that was taken back.
    func count(withdrawnFor kinds: [AnswerTally.Kind]) {
        errors.count(.release)
        for kind in kinds { withdrawn[kind]?.increment() }
    }

    /// The live generation, and who has followed. What Redis cannot tell is left out.
    private static func generations(_ stores: RedisStores) async -> [MetricSample] {
        guard let active = try? await stores.generations.active(deadlineMs: deadlineMs),
            let info = try? await stores.generations.info(active),
            let alive = try? await stores.instances.alive(nowMs: UTCTime.nowMs()),
            let acknowledgements = try? await stores.instances.acknowledgements(of: active)
        else { return [] }
        return GenerationMetrics.samples(
            generation: active, loadedAtMs: info.fields["loaded_at_ms"].flatMap { Int64($0) }, nowMs: UTCTime.nowMs())
            + GenerationMetrics.samples(
                instances: alive.count, acknowledged: alive.count { acknowledgements[$0] != nil })
    }
}
