// What a service counts about its requests, what it says about their time, and what it logs about slow ones.

import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Telemetry
import Testing

@testable import WebService

@Suite(.timeLimit(.minutes(1))) struct ServiceTelemetryTests {
    private func page(_ telemetry: ServiceTelemetry) async -> String {
        String(decoding: await telemetry.metrics.exposition(.prometheus), as: UTF8.self)
    }

    @Test func `requests are counted by template, method and status, never by what a client sent`() async throws {
        let telemetry = ServiceTelemetry(role: "sample")
        try await SampleService.application(telemetry: telemetry).test(.router) { client in
            for word in ["one", "two", "three"] { _ = try await client.execute(uri: "/echo/\(word)", method: .get) }
            _ = try await client.execute(uri: "/echo/four", method: .head)
            _ = try await client.execute(uri: "/unforeseen", method: .get)
            _ = try await client.execute(uri: "/busy", method: .get)
            _ = try await client.execute(uri: "/nowhere/secret", method: .get)
            _ = try await client.execute(uri: "/things", method: .init(rawValue: "BREW") ?? .trace)
            _ = try await client.execute(uri: "/things?k=0", method: .get)
            _ = try await client.execute(uri: "/\(String(repeating: "x", count: 9000))", method: .get)
        }
        let page = await page(telemetry)
        func count(_ handler: String, _ method: String, _ status: String) -> String {
            #"http_requests_total{role="sample",handler="\#(handler)",method="\#(method)",status="\#(status)"} "#
        }
        #expect(page.contains(count("/echo/{word}", "GET", "200") + "3\n"))
        #expect(page.contains(count("/echo/{word}", "HEAD", "200") + "1\n"))
        #expect(page.contains(count("/unforeseen", "GET", "500") + "1\n"))
        #expect(page.contains(count("/busy", "GET", "429") + "1\n"))
        #expect(page.contains(count("none", "GET", "404") + "1\n"))
        #expect(page.contains(count("none", "OTHER", "405") + "1\n"))
        #expect(page.contains(count("/things", "GET", "400") + "1\n"))
        #expect(page.contains(count("none", "GET", "414") + "1\n"))
        #expect(page.contains(#"freshet_errors_total{role="sample",kind="inside"} 1"# + "\n"))
        #expect(!page.contains("secret") && !page.contains("BREW"))
    }

    @Test func `a service that is not ready has no error`() async throws {
        let telemetry = ServiceTelemetry(role: "sample")
        let findings = [ReadinessFinding(name: "redis", isOK: false, detail: "away")]
        try await SampleService.application(telemetry: telemetry, findings: findings).test(.router) { client in
            let response = try await client.execute(uri: "/readyz", method: .get)
            #expect(response.status == .serviceUnavailable)
        }
        let page = await page(telemetry)
        #expect(page.contains(#"handler="/readyz",method="GET",status="503"} 1"#))
        #expect(page.contains(#"freshet_errors_total{role="sample",kind="unavailable"} 0"#))
    }

    @Test func `the format of the page follows Accept`() async throws {
        try await SampleService.application().test(.router) { client in
            let plain = try await client.execute(uri: "/metrics", method: .get)
            #expect(plain.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let open = try await client.execute(
                uri: "/metrics", method: .get, headers: [.accept: "application/openmetrics-text;version=1.0.0"])
            #expect(open.headers[.contentType] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(String(buffer: open.body).hasSuffix("# EOF\n"))
        }
    }

    @Test func `Server-Timing is there when it is asked for, and only then`() async throws {
        let shown = ServiceTelemetry(metrics: MetricsRegistry(role: "sample"), showsTiming: true)
        for (telemetry, isShown) in [(shown, true), (ServiceTelemetry(role: "sample"), false)] {
            try await SampleService.application(telemetry: telemetry).test(.router) { client in
                let value = try await client.execute(uri: "/hello", method: .get).headers[.serverTiming]
                #expect((value?.wholeMatch(of: /total;dur=\d+\.\d{3}/) != nil) == isShown, "\(value ?? "none")")
            }
        }
    }

    @Test func `phases add up, and none costs a look at the clock without a trace`() {
        let none: RequestTrace? = nil
        #expect(none.mark == .distantPast)
        none.add(.redis, since: .distantPast)
        let trace: RequestTrace? = RequestTrace()
        let mark = trace.mark
        trace.add(.redis, since: mark - .milliseconds(2))
        trace.add(.redis, since: mark - .milliseconds(3))
        #expect((trace?.nanoseconds(.redis) ?? 0) >= 5_000_000)
        #expect(trace?.nanoseconds(.blend) == 0)
        #expect(RequestTiming.milliseconds(1_002_999) == "1.002")
        #expect(RequestTiming.milliseconds(45_000) == "0.045")
    }

    @Test func `a slow request leaves a line with its id and where the time went`() async throws {
        let lines = LinesHandler()
        let logger = Logger(label: "test") { _ in lines }
        let telemetry = ServiceTelemetry(metrics: MetricsRegistry(role: "sample"), slowRequestMs: 0)
        try await SampleService.application(telemetry: telemetry, logger: logger).test(.router) { client in
            _ = try await client.execute(uri: "/echo/x", method: .get, headers: [.requestID: "my-request-7"])
        }
        let line = try #require(lines.text.split(separator: "\n").first { $0.hasPrefix("slow request") })
        for part in [
            "route=/echo/{word}", "method=GET", "status=200", "total_ms=", "redis_ms=0.000", "blend_ms=0.000",
            "hb.request.id=my-request-7",
        ] {
            #expect(line.contains(part), "\(line)")
        }
    }

    @Test func `time that a request asked to wait is not slowness`() throws {
        let lines = LinesHandler()
        let telemetry = ServiceTelemetry(metrics: MetricsRegistry(role: "sample"), slowRequestMs: 50)
        let timing = try #require(RequestTiming(telemetry))
        let logger = Logger(label: "test") { _ in lines }
        let made = RequestTrace()
        let trace: RequestTrace? = made
        trace.add(.wait, since: trace.mark - .milliseconds(100))
        timing.noteIfSlow(made, .milliseconds(120), route: "/a", method: "GET", status: 200, logger)
        #expect(lines.text.isEmpty)
        timing.noteIfSlow(made, .milliseconds(190), route: "/a", method: "GET", status: 200, logger)
        #expect(lines.text.contains("slow request"))
    }

    @Test func `when everything is slow, ten lines a second tell it and the next one how many more there were`() {
        let limiter = LineLimiter()
        let admitted = (0..<25).map { _ in limiter.admit(second: 1) }
        #expect(admitted.compactMap(\.self) == Array(repeating: 0, count: LineLimiter.linesPerSecondMax))
        #expect(limiter.admit(second: 2) == 15)
        #expect(limiter.admit(second: 2) == 0)
    }
}

/// Keeps what is logged.
private final class LinesHandler: LogHandler {
    private let lines = Mutex("")
    private let own = Mutex<Logger.Metadata>([:])

    var text: String { lines.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    var metadata: Logger.Metadata {
        get { own.withLock { $0 } }
        set { own.withLock { $0 = newValue } }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        let words = merged.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        lines.withLock { $0 += "\(event.message) \(words)\n" }
    }
}
