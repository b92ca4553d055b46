// What a service tells about itself while it works: its metrics, and what becomes of a request that took long.

package import Telemetry

/// Where a service counts, and what it notes.
package struct ServiceTelemetry: Sendable {
    /// The role's metrics.
    package let metrics: MetricsRegistry
    /// Requests that take at least so long are logged with where the time went, in milliseconds; nil for none.
    package let slowRequestMs: Int?
    /// Whether responses say in `Server-Timing` where the time went.
    package let showsTiming: Bool

    package init(metrics: MetricsRegistry, slowRequestMs: Int? = nil, showsTiming: Bool = false) {
        self.metrics = metrics
        self.slowRequestMs = slowRequestMs
        self.showsTiming = showsTiming
    }

    /// Metrics of a role of its own, and no notes: for tests.
    package init(role: String) {
        self.init(metrics: MetricsRegistry(role: role))
    }
}
