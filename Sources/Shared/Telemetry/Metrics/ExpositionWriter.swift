// Writes metrics out: families in the order of their names, each with what it means, then its series.

/// Writes one page of metrics.
struct ExpositionWriter {
    private let format: ExpositionFormat
    private var text = ""

    /// The whole page.
    static func write(
        families: [String: MetricFamily], samples: [MetricSample], role: String, format: ExpositionFormat
    ) -> [UInt8] {
        var writer = ExpositionWriter(format: format)
        var sampled: [String: [MetricSample]] = [:]
        for sample in samples { sampled[sample.definition.name, default: []].append(sample) }
        for name in Set(families.keys).union(sampled.keys).sorted() {
            let family = families[name]
            guard let definition = family?.definition ?? sampled[name]?.first?.definition else { continue }
            writer.head(definition)
            for series in family?.series ?? [] { writer.series(definition, series) }
            for sample in sampled[name] ?? [] {
                let labels = LabelText.text(role: role, sample.labels.map { ($0.key, $0.value) })
                writer.line(definition.name, labels, NumberText.value(sample.value))
            }
        }
        if format == .openMetrics { writer.text += "# EOF\n" }
        return Array(writer.text.utf8)
    }

    private init(format: ExpositionFormat) {
        self.format = format
        text.reserveCapacity(32_768)
    }

    private mutating func head(_ definition: MetricDefinition) {
        let name = format == .openMetrics ? definition.familyName : definition.name
        let help = LabelText.escaped(definition.help)
        // Between quotes a quote needs help; in plain text it does not, and the older format would show the backslash.
        text += "# HELP \(name) \(format == .openMetrics ? help : help.replacing("\\\"", with: "\""))\n"
        let kind =
            switch definition.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        text += "# TYPE \(name) \(kind)\n"
        if format == .openMetrics, let unit = definition.unit { text += "# UNIT \(name) \(unit)\n" }
    }

    private mutating func series(_ definition: MetricDefinition, _ series: MetricFamily.Series) {
        switch series.cell {
        case .counter(let cell): line(definition.name, series.labels, "\(cell.total)")
        case .gauge(let cell): line(definition.name, series.labels, NumberText.value(cell.value))
        case .count(let cell): line(definition.name, series.labels, "\(cell.snapshot.count)")
        case .histogram(let cell): histogram(definition, series.labels, cell.snapshot)
        }
    }

    private mutating func histogram(
        _ definition: MetricDefinition, _ labels: String, _ snapshot: HistogramCell.Snapshot
    ) {
        guard case .histogram(let scale) = definition.kind else { return }
        var count: Int64 = 0
        for (bound, inBucket) in zip(scale.bounds + [.infinity], snapshot.counts) {
            count += inBucket
            line("\(definition.name)_bucket", "\(labels),le=\"\(NumberText.bound(bound))\"", "\(count)")
        }
        line("\(definition.name)_sum", labels, NumberText.value(snapshot.sum))
        line("\(definition.name)_count", labels, "\(count)")
    }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += "\(name){\(labels)} \(value)\n"
    }
}
