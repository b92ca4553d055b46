// Counting under contention, bounds of buckets, and what a registry refuses.

import Testing

@testable import Telemetry

@Suite struct CellTests {
    @Test func `many threads that add at once lose nothing`() async {
        let counter = CounterCell()
        let histogram = HistogramCell(.numbers([1, 2]))
        let gauge = GaugeCell()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<50_000 {
                        counter.increment()
                        histogram.record(Double(task % 4))
                        gauge.increment(by: 1)
                    }
                }
            }
        }
        #expect(counter.total == 400_000)
        #expect(histogram.snapshot == .init(counts: [200_000, 100_000, 100_000], sum: 600_000))
        #expect(gauge.value == 400_000)
    }

    @Test func `a bound belongs to its bucket`() {
        let histogram = HistogramCell(.numbers([0.1, 0.3, 0.5]))
        for share in [0, 0.1, 0.100001, 0.1 + 0.2, 0.5, 0.500001] { histogram.record(share) }
        #expect(histogram.snapshot.counts == [2, 2, 1, 1])
    }

    @Test func `what is no number changes nothing`() {
        let histogram = HistogramCell(.numbers([1]))
        for value in [Double.nan, .infinity, -.infinity, 1e300] { histogram.record(value) }
        #expect(histogram.snapshot.count == 0)
        let counter = CounterCell()
        counter.increment(by: -5)
        counter.reset()
        #expect(counter.total == 0)
    }

    @Test func `the same labels are the same series, and another kind is none`() async {
        let registry = MetricsRegistry(role: "test", collectors: [])
        let definition = MetricDefinition.counter("test_total", "Test.")
        registry.counter(definition, ["a": "b"]).increment()
        registry.counter(definition, ["a": "b"]).increment()
        registry.gauge(.gauge("test_total", "Other.")).set(9.0)
        let page = String(decoding: await registry.exposition(.prometheus), as: UTF8.self)
        #expect(page == "# HELP test_total Test.\n# TYPE test_total counter\ntest_total{role=\"test\",a=\"b\"} 2\n")
    }

    @Test func `series beyond the bound work, and are not exposed`() async {
        let registry = MetricsRegistry(role: "test", collectors: [])
        let definition = MetricDefinition.counter("test_total", "Test.")
        for number in 0..<MetricsRegistry.seriesCountMax + 5 {
            registry.counter(definition, ["n": "\(number)"]).increment()
        }
        let page = String(decoding: await registry.exposition(.prometheus), as: UTF8.self)
        #expect(page.split(separator: "\n").count == MetricsRegistry.seriesCountMax + 2)
    }
}
