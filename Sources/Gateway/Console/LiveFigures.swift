// The figures that the console shows, gathered once a second for everybody who watches, and not at all while nobody does.

import Dispatch
import NIOCore
import Ranking
import ServiceLifecycle
import Stores
import Synchronization
import Telemetry
import WebService

/// Gathers figures and hands them to those who watch.
final class LiveFigures: Service {
    /// Viewers at a time; each is a connection that stays open.
    static let viewersMax = 64
    /// How often figures are gathered, in milliseconds.
    private static let tickMs = 1000
    /// The time that rates and quantiles are taken over, in seconds.
    private static let windowSeconds = 10
    /// How long Redis may take for a figure, in milliseconds.
    private static let deadlineMs = 500

    private struct State {
        var viewers: [Int: AsyncStream<ByteBuffer>.Continuation] = [:]
        var nextViewer = 0
        var isOver = false
    }

    private let stores: RedisStores
    private let live: LiveGeneration
    private let statistics: GatewayStatistics
    private let metrics: MetricsRegistry
    private let state = Mutex(State())

    init(stores: RedisStores, live: LiveGeneration, statistics: GatewayStatistics, metrics: MetricsRegistry) {
        self.stores = stores
        self.live = live
        self.statistics = statistics
        self.metrics = metrics
    }

    /// Gathers until shut down; then the viewers' streams end.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var window = FigureWindow(seconds: Self.windowSeconds)
            while !Task.isCancelled {
                if self.hasViewers {
                    let figures = await self.gather(&window)
                    self.hand(out: figures)
                } else {
                    window = FigureWindow(seconds: Self.windowSeconds)
                }
                try? await Task.sleep(for: .milliseconds(Self.tickMs))
            }
        }
        let viewers = state.withLock { state in
            state.isOver = true
            defer { state.viewers = [:] }
            return Array(state.viewers.values)
        }
        for viewer in viewers { viewer.finish() }
    }

    /// A viewer's stream of server-sent events; nil if there are too many viewers, or the service ends. A viewer who does not
    /// keep up misses the older figures. Whoever writes the stream to a connection ends it at graceful shutdown: this service
    /// is told after the server, which waits for its connections.
    func watch() -> AsyncStream<ByteBuffer>? {
        let (stream, viewer) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(2))
        let number: Int? = state.withLock { state in
            guard !state.isOver, state.viewers.count < Self.viewersMax else { return nil }
            state.nextViewer += 1
            state.viewers[state.nextViewer] = viewer
            return state.nextViewer
        }
        guard let number else { return nil }
        viewer.onTermination = { _ in self.state.withLock { $0.viewers[number] = nil } }
        return stream
    }

    /// How many watch.
    var viewerCount: Int { state.withLock { $0.viewers.count } }

    private var hasViewers: Bool { viewerCount > 0 }

    private func hand(out figures: ByteBuffer) {
        for viewer in state.withLock({ Array($0.viewers.values) }) { viewer.yield(figures) }
    }

    private func gather(_ window: inout FigureWindow) async -> ByteBuffer {
        var totals = FigureTotals(atNanoseconds: DispatchTime.now().uptimeNanoseconds)
        totals.requests = metrics.counts(of: "http_request_duration_seconds", labelled: "/v1/recommendations") ?? []
        totals.items = [.online, .offline, .popular].map { statistics.items($0) }
        totals.rungs = Rung.allCases.map { statistics.answers($0) }
        let freshness = try? await stores.freshness.counts(deadlineMs: Self.deadlineMs)
        totals.freshness = freshness ?? [:]
        window.note(totals)
        let figures = window
        var writer = JSONWriter(capacity: 1024)
        let shared = await SharedFigures.read(stores, live: live, deadlineMs: Self.deadlineMs)
        writer.object { writer in
            Self.write(figures, &writer)
            shared.write(&writer)
        }
        var event = ByteBuffer(string: "data: ")
        event.writeBytes(writer.bytes)
        event.writeString("\n\n")
        return event
    }

    private static func write(_ window: FigureWindow, _ writer: inout JSONWriter) {
        writer.field("at_ms", UTCTime.nowMs())
        func milliseconds(_ name: String, _ seconds: Double?) {
            writer.key(name)
            if let seconds { writer.number(seconds * 1000) } else { writer.null() }
        }
        writer.key("requests_per_second")
        if let rate = window.requestsPerSecond { writer.number(rate) } else { writer.null() }
        milliseconds("request_p50_ms", window.requestSeconds(0.5))
        milliseconds("request_p99_ms", window.requestSeconds(0.99))
        writer.key("events_per_second")
        if let rate = window.eventsPerSecond { writer.number(rate) } else { writer.null() }
        milliseconds("freshness_p50_ms", window.freshnessSeconds(0.5))
        milliseconds("freshness_p99_ms", window.freshnessSeconds(0.99))
        writer.key("items")
        writer.object { writer in
            for (source, count) in zip([Source.online, .offline, .popular], window.items) {
                writer.field(source.rawValue, count)
            }
        }
        writer.key("served_by")
        writer.object { writer in
            for (rung, count) in zip(Rung.allCases, window.rungs) { writer.field(rung.rawValue, count) }
        }
    }
}
