// Live quality as metrics: what this instance has scored since it started. All labels are of closed sets.

import Ranking
import Telemetry

/// The metrics of live quality by name.
enum QualityMetrics {
    static let scored = MetricDefinition.counter(
        "freshet_scored_events_total",
        "Events that were held against the list that their user had got before: hits and misses, by blend, and by whether the list was of the live generation."
    )
    static let unscored = MetricDefinition.counter(
        "freshet_unscored_events_total", "Events of sampled users that say nothing about a list, by the reason.")
    static let hits = MetricDefinition.counter(
        "freshet_list_hits_total", "Events on an item of the list before them, by its place and where it came from.")
    static let reciprocalRank = MetricDefinition.histogram(
        "freshet_reciprocal_rank",
        "1 / place of scored events, 0 for a miss, by blend and by where the item came from (none for a miss).",
        .numbers([0, 0.05, 0.1, 0.2, 0.5, 1]))
    static let contest = MetricDefinition.counter(
        "freshet_contest_events_total",
        "Events on pairs of neighbouring places, one online and one offline, by who stands higher and who had the item."
    )
    static let lost = MetricDefinition.counter(
        "freshet_quality_lost_events_total", "Scored events whose counts may not have come to Redis.")
}

/// Counts scores.
final class QualityStatistics: Sendable {
    /// Series of one blend.
    private struct BlendCells {
        /// By whether the list is of the live generation and whether it was hit.
        let scored: [[CounterCell]]
        /// By source; the last one for a miss.
        let ranks: [HistogramCell]
    }

    private let blends: [Blend: BlendCells]
    /// By source, by place.
    private let hits: [Source: [CounterCell]]
    private let unscored: [UnscoredReason: CounterCell]
    private let contest: [Contest.Comparison: [Source: CounterCell]]
    private let lost: CounterCell

    init(_ metrics: MetricsRegistry) {
        func cells<Key: Hashable & CaseIterable, Cell>(_ make: (Key) -> Cell) -> [Key: Cell] {
            Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0, make($0)) })
        }
        blends = cells { (blend: Blend) in
            BlendCells(
                scored: ["live", "earlier"].map { generation in
                    ["hit", "miss"].map { result in
                        metrics.counter(
                            QualityMetrics.scored,
                            ["blend": blend.rawValue, "generation": generation, "result": result])
                    }
                },
                ranks: (Source.allCases.map(\.rawValue) + ["none"]).map { source in
                    metrics.histogram(
                        QualityMetrics.reciprocalRank, ["blend": blend.rawValue, "source": source])
                })
        }
        hits = cells { (source: Source) in
            (1...ServedList.placesMax).map { place in
                metrics.counter(QualityMetrics.hits, ["place": "\(place)", "source": source.rawValue])
            }
        }
        unscored = cells { metrics.counter(QualityMetrics.unscored, ["reason": $0.rawValue]) }
        contest = cells { comparison in
            Dictionary(
                uniqueKeysWithValues: [Source.online, .offline].map { winner in
                    (
                        winner,
                        metrics.counter(
                            QualityMetrics.contest, ["pairs": comparison.rawValue, "winner": winner.rawValue])
                    )
                })
        }
        lost = metrics.counter(QualityMetrics.lost)
    }

    /// Counts an event of a sampled user.
    /// - Parameter generation: the live one.
    func note(_ score: EventScore, generation: Int) {
        switch score {
        case .unscored(let reason): unscored[reason]?.increment()
        case .scored(let score):
            let cells = blends[score.blend]
            cells?.scored[score.generation == generation ? 0 : 1][score.place == nil ? 1 : 0].increment()
            let row = score.source.flatMap { Source.allCases.firstIndex(of: $0) } ?? Source.allCases.count
            cells?.ranks[row].record(score.reciprocalRank)
            if let place = score.place, let source = score.source, place <= ServedList.placesMax {
                hits[source]?[place - 1].increment()
            }
            for (comparison, winner) in Contest.winners(score) { contest[comparison]?[winner]?.increment() }
        }
    }

    /// Scores of so many events may not have come to Redis.
    func noteLost(_ events: Int) { lost.increment(by: events) }
}
