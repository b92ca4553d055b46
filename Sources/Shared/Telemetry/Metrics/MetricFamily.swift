// The series of one metric, and the three kinds of cell that they may have.

/// A metric with all of its series.
struct MetricFamily: Sendable {
    struct Series: Sendable {
        /// Written out, without braces.
        let labels: String
        let cell: AnyMetricCell
    }

    let definition: MetricDefinition
    var series: [Series] = []
    /// Where a series is, by its labels.
    var places: [String: Int] = [:]

    /// The counts of a histogram as a family of their own.
    func counting(as counter: MetricDefinition) -> MetricFamily {
        var counting = MetricFamily(definition: counter)
        for one in series {
            if case .histogram(let cell) = one.cell {
                counting.series.append(Series(labels: one.labels, cell: .count(cell)))
            }
        }
        return counting
    }
}

/// A cell of any kind.
enum AnyMetricCell: Sendable {
    case counter(CounterCell)
    case gauge(GaugeCell)
    case histogram(HistogramCell)
    /// Only how many values it holds.
    case count(HistogramCell)
}

/// What all kinds of cell have in common.
protocol MetricCell: AnyObject, Sendable {
    /// The cell with its kind.
    var wrapped: AnyMetricCell { get }
}

extension CounterCell: MetricCell {
    var wrapped: AnyMetricCell { .counter(self) }
}

extension GaugeCell: MetricCell {
    var wrapped: AnyMetricCell { .gauge(self) }
}

extension HistogramCell: MetricCell {
    var wrapped: AnyMetricCell { .histogram(self) }
}
