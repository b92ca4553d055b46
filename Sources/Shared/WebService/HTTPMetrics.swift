// Requests by route, method and status, with how long they took. A route's series are made at its first request of each
// status and held from then on; finding them again compares the length of a dozen paths, and no hash is computed.

import CoreMetrics
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Telemetry

/// What is counted about requests.
final class HTTPMetrics: Sendable {
    static let duration = MetricDefinition.histogram(
        "http_request_duration_seconds",
        "From a request's head to its response's, by route, method and status.", .requestSeconds)
    static let requests = MetricDefinition.counter(
        "http_requests_total", "Requests by route, method and status.")
    /// The label of what matched no route.
    static let noRoute = "none"

    private let routes: [RouteSeries]
    private let unknown: [RouteSeries]
    private let errors: ErrorCounters

    init(_ metrics: MetricsRegistry, routes table: RouteTable) {
        metrics.expose(countsOf: Self.duration, as: Self.requests)
        routes = table.routes.map { RouteSeries(metrics, path: $0.path.description, method: $0.method) }
        unknown = MethodLabel.all.map { RouteSeries(metrics, path: Self.noRoute, method: $0) }
        errors = ErrorCounters(metrics)
    }

    /// Counts a request.
    /// - Parameter path: the route as Hummingbird notes it; nil if none was looked for.
    func count(path: String?, method: HTTPRequest.Method, status: Int, duration: TimeAmount) {
        let series = path.flatMap { find($0, method) } ?? unmatched(method)
        series.timer(status).recordNanoseconds(duration.nanoseconds)
        // A service that says it is not ready has answered as it should.
        guard status >= 500, path != "/readyz" else { return }
        errors.count(status == 503 ? .unavailable : .inside)
    }

    private func find(_ path: String, _ method: HTTPRequest.Method) -> RouteSeries? {
        let length = path.utf8.count
        return routes.first { $0.pathLength == length && $0.path == path && $0.method == method }
    }

    private func unmatched(_ method: HTTPRequest.Method) -> RouteSeries {
        unknown.first { $0.method == method } ?? unknown[unknown.count - 1]
    }
}

/// Methods that may stand in a label; a client may send any word.
private enum MethodLabel {
    /// The last one stands for all others.
    static let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .options, .patch, other]
    private static let other = HTTPRequest.Method("OTHER") ?? .trace
}

/// One route's series.
private final class RouteSeries: Sendable {
    /// One status's series, made when it is first needed.
    private final class StatusSeries: Sendable {
        let timer = AtomicLazyReference<HistogramCell>()
    }

    /// Statuses that a service of ours gives; the last place is for any other.
    private static let statuses = [
        200, 202, 204, 301, 304, 308, 400, 401, 403, 404, 405, 409, 413, 414, 415, 429, 500, 501, 503,
    ]

    let path: String
    let pathLength: Int
    let method: HTTPRequest.Method
    private let metrics: MetricsRegistry
    private let series = (0...RouteSeries.statuses.count).map { _ in StatusSeries() }

    init(_ metrics: MetricsRegistry, path: String, method: HTTPRequest.Method) {
        self.metrics = metrics
        self.path = path
        pathLength = path.utf8.count
        self.method = method
    }

    func timer(_ status: Int) -> HistogramCell {
        let place = Self.statuses.firstIndex(of: status) ?? Self.statuses.count
        if let timer = series[place].timer.load() { return timer }
        let label = place < Self.statuses.count ? "\(status)" : "other"
        return series[place].timer.storeIfNil(
            metrics.histogram(
                HTTPMetrics.duration, ["handler": path, "method": method.rawValue, "status": label]))
    }
}
