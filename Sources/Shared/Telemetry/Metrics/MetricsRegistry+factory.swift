// What swift-metrics asks of a factory, for the metrics of libraries: they bring names of their own kind and no words, so
// both are put into form.

package import CoreMetrics

extension MetricsRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let name = MetricName.metric(label)
        let definition = declaration(name)
        return counterCell(
            definition ?? .counter(name.hasSuffix("_total") ? name : "\(name)_total", Self.help(label)), dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let name = MetricName.metric(label)
        return gaugeCell(declaration(name) ?? .gauge(name, Self.help(label)), dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let name = MetricName.metric(label)
        guard aggregate else { return gaugeCell(declaration(name) ?? .gauge(name, Self.help(label)), dimensions) }
        return histogramCell(declaration(name) ?? .histogram(name, Self.help(label), Self.numbers), dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.metric(label)
        return histogramCell(
            declaration(name)
                ?? .histogram(name.hasSuffix("_seconds") ? name : "\(name)_seconds", Self.help(label), .requestSeconds),
            dimensions)
    }

    // Series stay for as long as the process does: a count that disappears and comes back would start from 0.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private static func help(_ label: String) -> String { "\(label), as a library counts it." }
    private static let numbers = HistogramScale.numbers([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000])
}
