// What a scraper reads, byte by byte, and what promtool says about it.

import CoreMetrics
import Fixtures
import FoundationEssentials
import TestServers
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(2))) struct ExpositionTests {
    private static let events = MetricDefinition.counter("test_events_total", "Events, \"quoted\"\nand \\ escaped.")
    private static let queue = MetricDefinition.gauge("test_queue_bytes", "Bytes that wait.")
    private static let delay = MetricDefinition.histogram("test_delay_seconds", "Delay.", .seconds([0.001, 0.5, 1]))

    /// A registry without the figures of the process, so that its page is known in full.
    private func registry() -> MetricsRegistry { MetricsRegistry(role: "test", collectors: []) }

    private func page(_ registry: MetricsRegistry, _ format: ExpositionFormat = .prometheus) async -> String {
        String(decoding: await registry.exposition(format), as: UTF8.self)
    }

    private func filled() -> MetricsRegistry {
        let registry = registry()
        registry.counter(Self.events, ["kind": "a\"b\\c\nd"]).increment(by: 3)
        registry.gauge(Self.queue).set(1.5)
        let delay = registry.histogram(Self.delay)
        for milliseconds in [1, 2, 500, 501, 1001] { delay.recordNanoseconds(Int64(milliseconds) * 1_000_000) }
        return registry
    }

    @Test func `the older format is exact`() async {
        #expect(
            await page(filled()) == #"""
                # HELP test_delay_seconds Delay.
                # TYPE test_delay_seconds histogram
                test_delay_seconds_bucket{role="test",le="0.001"} 1
                test_delay_seconds_bucket{role="test",le="0.5"} 3
                test_delay_seconds_bucket{role="test",le="1.0"} 4
                test_delay_seconds_bucket{role="test",le="+Inf"} 5
                test_delay_seconds_sum{role="test"} 2.005
                test_delay_seconds_count{role="test"} 5
                # HELP test_events_total Events, "quoted"\nand \\ escaped.
                # TYPE test_events_total counter
                test_events_total{role="test",kind="a\"b\\c\nd"} 3
                # HELP test_queue_bytes Bytes that wait.
                # TYPE test_queue_bytes gauge
                test_queue_bytes{role="test"} 1.5

                """#)
    }

    @Test func `OpenMetrics names families without the suffix, tells units and ends`() async {
        let page = await page(filled(), .openMetrics)
        #expect(page.contains("# TYPE test_events counter\n"))
        #expect(page.contains(#"# HELP test_events Events, \"quoted\"\nand \\ escaped."# + "\n"))
        #expect(page.contains(#"test_events_total{role="test",kind="a\"b\\c\nd"} 3"# + "\n"))
        #expect(page.contains("# UNIT test_queue_bytes bytes\n"))
        #expect(page.contains("# UNIT test_delay_seconds seconds\n"))
        #expect(page.hasSuffix("\n# EOF\n"))
        #expect(page.split(separator: "\n").count { $0 == "# EOF" } == 1)
    }

    @Test func `a histogram's counts can be exposed as a counter`() async {
        let registry = filled()
        registry.expose(countsOf: Self.delay, as: .counter("test_delays_total", "Delays."))
        #expect(await page(registry).contains("# TYPE test_delays_total counter\ntest_delays_total{role=\"test\"} 5\n"))
    }

    @Test func `samples are asked for at every scrape and stand with their family`() async {
        let registry = registry()
        let source = registry.gauge(.gauge("test_source", "Source."))
        registry.collect { [MetricSample(Self.queue, source.value, ["of": "x"]), MetricSample(Self.queue, 7)] }
        source.set(3.0)
        #expect(
            await page(registry).contains(
                "test_queue_bytes{role=\"test\",of=\"x\"} 3\ntest_queue_bytes{role=\"test\"} 7"))
        source.set(4.0)
        #expect(await page(registry).contains("test_queue_bytes{role=\"test\",of=\"x\"} 4"))
    }

    @Test func `libraries' metrics get names that are allowed and words`() async {
        let registry = registry()
        registry.declare(.counter("test_declared_total", "Declared."))
        Counter(label: "test_declared_total", factory: registry).increment()
        Counter(label: "1st.lib/requests", dimensions: [("a-b", "c")], factory: registry).increment(by: 2)
        Timer(label: "lib.wait", factory: registry).recordMilliseconds(20)
        Gauge(label: "lib.depth", factory: registry).record(4)
        Meter(label: "lib.level", factory: registry).set(5)
        let page = await page(registry)
        #expect(page.contains("# HELP test_declared_total Declared."))
        #expect(page.contains("_1st_lib_requests_total{role=\"test\",a_b=\"c\"} 2\n"))
        #expect(page.contains("lib_wait_seconds_sum{role=\"test\"} 0.02\n"))
        #expect(page.contains("lib_depth{role=\"test\"} 4\n"))
        #expect(page.contains("lib_level{role=\"test\"} 5\n"))
        #expect(page.contains("# HELP lib_wait_seconds lib.wait, as a library counts it."))
    }

    @Test(arguments: [
        ([String](), false), (["*/*"], false), (["text/plain"], false), (["application/openmetrics-text"], true),
        (["application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"], true),
        (["application/openmetrics-text; version=1.0.0; q=0.3", "text/plain; q=0.5"], false),
        (["application/openmetrics-text;version=0.0.1"], false), (["application/openmetrics-text;q=0"], false),
    ]) func `the format is what Accept prefers`(accept: [String], isOpenMetrics: Bool) {
        #expect((ExpositionFormat(accept: accept) == .openMetrics) == isOpenMetrics)
    }

    @Test func `promtool has nothing to say about either format`() async throws {
        let registry = filled()
        for collector in [ProcessMetrics.collect, MachineMetrics.collect] { registry.collect(collector) }
        _ = ErrorCounters(registry)
        #expect(try await Promtool.complaints(await page(registry)) == "")
    }

    @Test func `the process and the machine tell what is true`() async throws {
        let page = await page(MetricsRegistry(role: "test"))
        func value(_ name: String) throws -> Double {
            let line = try #require(page.split(separator: "\n").first { $0.hasPrefix(name) }, "\(name)")
            return try #require(Double(line.split(separator: " ")[1]))
        }
        #expect(try value("process_resident_memory_bytes") > 1e6)
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_open_fds") >= 3)
        let now = Double(UTCTime.nowMs()) / 1000
        #expect(try (now - 86_400...now + 2).contains(value("process_start_time_seconds")))
        #expect(try value(#"freshet_machine_cpu_seconds_total{role="test",mode="idle"}"#) > 0)
        #expect(
            try value(#"freshet_machine_memory_bytes{role="test",state="total"}"#)
                > value(#"freshet_machine_memory_bytes{role="test",state="available"}"#))
    }
}

/// Prometheus's own judge of metrics.
enum Promtool {
    /// What `promtool check metrics` says; empty if it is content.
    static func complaints(_ page: String) async throws -> String {
        let folder = try TemporaryFolder("promtool")
        defer { folder.remove() }
        try page.write(toFile: folder.appending("page"), atomically: true, encoding: .utf8)
        let child = try ChildProcess.spawn(
            "sh", ["-c", "promtool check metrics < page"], environment: [:], workingDirectory: folder.path,
            logFile: folder.appending("log"))
        let status = await child.wait(withinMs: 30_000)
        return status == .exited(0) ? child.log() : "\(String(describing: status)) \(child.log())"
    }
}
