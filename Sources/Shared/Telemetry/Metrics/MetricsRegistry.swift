// All metrics of one role: the factory behind swift-metrics that makes them, and what is read when somebody scrapes. Making
// a metric takes a lock; whoever adds to it often makes it once and holds it.

import CoreMetrics
import Logging
import Synchronization

/// A value that is worked out when somebody asks for it, such as a queue's length.
package struct MetricSample: Sendable {
    let definition: MetricDefinition
    let labels: MetricLabels
    let value: Double

    /// A counter or a gauge with a value.
    package init(_ definition: MetricDefinition, _ value: some BinaryInteger, _ labels: MetricLabels = [:]) {
        self.init(definition, Double(value), labels)
    }

    /// A counter or a gauge with a value.
    package init(_ definition: MetricDefinition, _ value: Double, _ labels: MetricLabels = [:]) {
        self.definition = definition
        self.labels = labels
        self.value = value
    }
}

/// Labels in the order in which they are written. Their values come from closed sets: names of ours, route templates,
/// status codes; never what a client sent.
package typealias MetricLabels = KeyValuePairs<String, String>

/// Works samples out. It is called for every scrape and must not wait long; what it cannot tell it leaves out.
package typealias MetricsCollector = @Sendable () async -> [MetricSample]

/// The metrics of one role.
package final class MetricsRegistry: MetricsFactory {
    /// Series of one metric at most; more would mean that a label's values are no closed set.
    static let seriesCountMax = 2000

    /// The role, which every series names.
    package let role: String
    private let state = Mutex(State())
    private let logger = Logger(label: "metrics")

    private struct State {
        var families: [String: MetricFamily] = [:]
        var declared: [String: MetricDefinition] = [:]
        /// Counters that are read off histograms, by the histogram's name.
        var counts: [String: MetricDefinition] = [:]
        var collectors: [MetricsCollector] = []
    }

    /// Metrics of `role`, with those of its process and of the machine.
    package convenience init(role: String) {
        self.init(role: role, collectors: [ProcessMetrics.collect, MachineMetrics.collect])
    }

    init(role: String, collectors: [MetricsCollector]) {
        self.role = role
        state.withLock { $0.collectors = collectors }
    }

    /// Has `collector` asked at every scrape.
    package func collect(_ collector: @escaping MetricsCollector) {
        state.withLock { $0.collectors.append(collector) }
    }

    /// Tells what a library's metric means, before the library makes it.
    package func declare(_ definition: MetricDefinition) {
        state.withLock { $0.declared[definition.name] = definition }
    }

    /// Exposes how many values a histogram's series hold as a counter of its own, so that nobody counts twice.
    package func expose(countsOf histogram: MetricDefinition, as counter: MetricDefinition) {
        state.withLock { $0.counts[histogram.name] = counter }
    }

    /// A counter, the same one for the same labels.
    package func counter(_ definition: MetricDefinition, _ labels: MetricLabels = [:]) -> CounterCell {
        counterCell(definition, labels.map { ($0.key, $0.value) })
    }

    /// A gauge, the same one for the same labels.
    package func gauge(_ definition: MetricDefinition, _ labels: MetricLabels = [:]) -> GaugeCell {
        gaugeCell(definition, labels.map { ($0.key, $0.value) })
    }

    /// A histogram, the same one for the same labels.
    package func histogram(_ definition: MetricDefinition, _ labels: MetricLabels = [:]) -> HistogramCell {
        histogramCell(definition, labels.map { ($0.key, $0.value) })
    }

    /// Everything, as a scraper reads it.
    package func exposition(_ format: ExpositionFormat) async -> [UInt8] {
        let collectors = state.withLock { $0.collectors }
        var samples: [MetricSample] = []
        for collector in collectors { samples += await collector() }
        var (families, counts) = state.withLock { ($0.families, $0.counts) }
        for (name, counter) in counts {
            guard let family = families[name] else { continue }
            families[counter.name] = family.counting(as: counter)
        }
        return ExpositionWriter.write(families: families, samples: samples, role: role, format: format)
    }

    /// The cells of a histogram's series whose labels contain a text.
    func histograms(_ name: String, labelled text: String) -> [HistogramCell] {
        state.withLock { state in
            (state.families[name]?.series ?? []).compactMap { series in
                guard case .histogram(let cell) = series.cell, series.labels.contains(text) else { return nil }
                return cell
            }
        }
    }

    /// What is known of a library's metric.
    func declaration(_ name: String) -> MetricDefinition? { state.withLock { $0.declared[name] } }

    func counterCell(_ definition: MetricDefinition, _ labels: [(String, String)]) -> CounterCell {
        series(definition, labels, CounterCell()) { if case .counter(let cell) = $0 { cell } else { nil } }
    }

    func gaugeCell(_ definition: MetricDefinition, _ labels: [(String, String)]) -> GaugeCell {
        series(definition, labels, GaugeCell()) { if case .gauge(let cell) = $0 { cell } else { nil } }
    }

    func histogramCell(_ definition: MetricDefinition, _ labels: [(String, String)]) -> HistogramCell {
        guard case .histogram(let scale) = definition.kind else {
            preconditionFailure("\(definition.name) is no histogram")
        }
        return series(definition, labels, HistogramCell(scale)) {
            if case .histogram(let cell) = $0 { cell } else { nil }
        }
    }

    /// The cell of a series, made if there is none. One that cannot be exposed works all the same, and the log says so.
    private func series<Cell: MetricCell>(
        _ definition: MetricDefinition, _ labels: [(String, String)], _ made: @autoclosure () -> Cell,
        existing: (AnyMetricCell) -> Cell?
    ) -> Cell {
        let text = LabelText.text(role: role, labels)
        let (cell, objection): (Cell, String?) = state.withLock { state in
            var family = state.families[definition.name] ?? MetricFamily(definition: definition)
            if let index = family.places[text] {
                let known = existing(family.series[index].cell)
                return (known ?? made(), known == nil ? "it is of another kind already" : nil)
            }
            guard family.definition.kind == definition.kind else { return (made(), "it is of another kind already") }
            guard family.series.count < Self.seriesCountMax else { return (made(), "it has too many series") }
            let cell = made()
            family.places[text] = family.series.count
            family.series.append(MetricFamily.Series(labels: text, cell: cell.wrapped))
            state.families[definition.name] = family
            return (cell, nil)
        }
        if let objection {
            logger.warning(
                "a metric is not exposed", metadata: ["name": "\(definition.name)", "reason": "\(objection)"])
        }
        return cell
    }
}
