// The gateway's metrics by name, and those that are worked out when somebody scrapes.

import Stores
import Telemetry
import WebService

/// What the gateway exposes beside its requests.
enum GatewayMetrics {
    static let answers = MetricDefinition.counter(
        "freshet_answers_total", "Answers by the rung of the degradation ladder that served them.")
    static let items = MetricDefinition.counter(
        "freshet_recommended_items_total", "Items in answers, by the list that they came from.")
    static let offlineShare = MetricDefinition.histogram(
        "freshet_answer_offline_share", "Share of an answer's items that came from the offline list.",
        .numbers([0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1]))
    static let parityViolations = MetricDefinition.counter(
        "freshet_parity_violations_total",
        "Interleaved answers that broke the order of places; 0 unless there is a defect.")
    static let staleAnswers = MetricDefinition.counter(
        "freshet_stale_answers_total", "Answers that did not show the event that they were asked to wait for.")
    static let judgedAnswers = MetricDefinition.counter(
        "freshet_judged_answers_total", "Answers that were to be filled up, and for which Redis was there.")
    static let poorAnswers = MetricDefinition.counter(
        "freshet_poor_answers_total",
        "Those of them that are short, padded with popular items, without an offline item, or failed to read the list.")
    static let touchesRefetched = MetricDefinition.counter(
        "freshet_touches_refetched_total", "Touches of another generation whose similar items were fetched anew.")
    static let servedLists = MetricDefinition.counter(
        "freshet_served_lists_total",
        "Lists of sampled users: remembered, dropped because too many waited, or not taken by Redis.")
    static let waiting = MetricDefinition.gauge(
        "freshet_waiting_requests", "Requests that wait for an event to show.")
    static let hidden = MetricDefinition.gauge("freshet_hidden_items", "Items that are hidden by hand.")
}

extension Gateway {
    /// Has the figures that change by themselves worked out at every scrape.
    func collectMetrics(_ reader: StateReader) {
        let (live, hidden) = (live, hidden)
        telemetry.metrics.collect {
            var samples = [
                MetricSample(GatewayMetrics.waiting, reader.waiting),
                MetricSample(GatewayMetrics.hidden, hidden.items?.count ?? 0),
            ]
            if let snapshot = live.snapshot {
                samples += GenerationMetrics.samples(
                    generation: snapshot.generation, loadedAtMs: snapshot.identity.loadedAtMs.flatMap { Int64($0) },
                    nowMs: UTCTime.nowMs())
            }
            return samples
        }
    }
}
