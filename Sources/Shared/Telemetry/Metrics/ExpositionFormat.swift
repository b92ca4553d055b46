// The two text formats that scrapers read, and the choice between them by what a scraper says it accepts.

/// A text format.
package enum ExpositionFormat: Sendable {
    /// Prometheus text 0.0.4, which everything reads.
    case prometheus
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The header that goes with it.
    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The better one of those that an `Accept` header names; the older format where it names none, or is absent.
    package init(accept: some Sequence<String>) {
        var openMetrics = 0.0
        var prometheus = 0.0
        for range in accept.flatMap({ $0.split(separator: ",") }) {
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            let version = parts.dropFirst().first { $0.hasPrefix("version=") }?.dropFirst("version=".count)
            switch parts.first {
            case "application/openmetrics-text":
                // Version 0.0.1 differs in nothing that is written here, but one who asks for it alone is not asked to
                // read another.
                if version == nil || version == "1.0.0" { openMetrics = max(openMetrics, quality) }
            case "text/plain", "text/*", "*/*": prometheus = max(prometheus, quality)
            default: break
            }
        }
        self = openMetrics > 0 && openMetrics >= prometheus ? .openMetrics : .prometheus
    }
}
