// The metrics of training, by name: what the trainer reports to, and the dashboard and the alerts go by.

/// A trainer's figures.
package struct TrainingMetrics: Sendable {
    /// How a run ended.
    package enum Outcome: String, Sendable, CaseIterable {
        /// Its release is published, or a candidate is ready where a person decides.
        case succeeded
        /// The gate kept a release back that is worse than the live one.
        case refused
        /// A step failed.
        case failed
        /// It was told to stop.
        case cancelled
    }

    /// What a trainer is busy with; `idle` or a step.
    package enum State: String, Sendable, CaseIterable {
        case idle
        case prepareData = "prepare-data"
        case retrainModels = "retrain-models"
        case calcRecommendations = "calc-recommendations"
        case publish
    }

    private static let runs = MetricDefinition.counter("freshet_training_runs_total", "Training runs by their outcome.")
    private static let state = MetricDefinition.gauge(
        "freshet_training_state", "What the trainer is busy with: 1 at that state, 0 at the others.")
    private static let runDuration = MetricDefinition.histogram(
        "freshet_training_run_seconds", "How long training runs took.", .jobSeconds)
    private static let stepDuration = MetricDefinition.histogram(
        "freshet_training_step_seconds", "How long a run's steps took.", .jobSeconds)
    private static let lastSuccess = MetricDefinition.gauge(
        "freshet_training_last_success_timestamp_seconds", "When a run succeeded last, Unix time; 0 if none has yet.")

    /// Errors of the role.
    package let errors: ErrorCounters
    private let outcomes: [Outcome: CounterCell]
    private let states: [State: GaugeCell]
    private let steps: [State: HistogramCell]
    private let runTime: HistogramCell
    private let succeededAt: GaugeCell

    /// The metrics of a trainer that has done nothing yet.
    package init(_ metrics: MetricsRegistry) {
        errors = ErrorCounters(metrics)
        outcomes = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map {
                ($0, metrics.counter(Self.runs, ["outcome": $0.rawValue]))
            })
        states = Dictionary(
            uniqueKeysWithValues: State.allCases.map { ($0, metrics.gauge(Self.state, ["state": $0.rawValue])) })
        steps = Dictionary(
            uniqueKeysWithValues: State.allCases.filter { $0 != .idle }.map {
                ($0, metrics.histogram(Self.stepDuration, ["step": $0.rawValue]))
            })
        runTime = metrics.histogram(Self.runDuration)
        succeededAt = metrics.gauge(Self.lastSuccess)
        enter(.idle)
    }

    /// The trainer is busy with this from now on.
    package func enter(_ state: State) {
        for (one, gauge) in states { gauge.set(one == state ? 1.0 : 0.0) }
    }

    /// A step ended, well or not.
    package func noteStep(_ step: State, seconds: Double) { steps[step]?.record(seconds) }

    /// A run ended.
    package func noteRun(_ outcome: Outcome, seconds: Double, nowMs: Int64) {
        outcomes[outcome]?.increment()
        runTime.record(seconds)
        if outcome == .succeeded { succeededAt.set(Double(nowMs) / 1000) }
        if outcome == .failed { errors.count(.training) }
        enter(.idle)
    }

    /// What a restarted trainer knows of earlier runs.
    package func restoreLastSuccess(atMs: Int64) { succeededAt.set(Double(atMs) / 1000) }
}
