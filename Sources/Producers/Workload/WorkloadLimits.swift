// What a load test must not exceed, for scripts: the exit status follows from it.

/// Limits; nil for none.
package struct WorkloadLimits: Sendable {
    /// Failures among all that was to be sent, 0 to 1.
    package var errorShare = 0.01
    /// Latency of recommendations, in milliseconds.
    package var p50Ms: Double?
    package var p99Ms: Double?
    package var p999Ms: Double?
    /// From an event to an answer that shows it, 99 %, in milliseconds.
    package var freshnessP99Ms: Double?

    package init() {}

    /// What was exceeded, in words; empty if nothing was. A limit on what was not measured at all is exceeded.
    package func exceeded(by report: WorkloadReport) -> [String] {
        var findings: [String] = []
        if report.errorShare > errorShare {
            findings.append(
                "\(Decimal.text(report.errorShare * 100, digits: 4)) % failed; the limit is "
                    + "\(Decimal.text(errorShare * 100, digits: 4)) %")
        }
        func check(_ what: String, _ latency: LatencySummary, _ value: Double, _ limit: Double?) {
            guard let limit else { return }
            if latency.count == 0 {
                findings.append("\(what) was not measured; the limit is \(Decimal.text(limit)) ms")
            } else if value > limit {
                findings.append("\(what) is \(Decimal.short(value)) ms; the limit is \(Decimal.text(limit)) ms")
            }
        }
        let latency = report.recommendations
        check("p50 of recommendations", latency, latency.p50Ms, p50Ms)
        check("p99 of recommendations", latency, latency.p99Ms, p99Ms)
        check("p99.9 of recommendations", latency, latency.p999Ms, p999Ms)
        check("p99 from event to answer", report.freshness, report.freshness.p99Ms, freshnessP99Ms)
        if report.sent.recommendations + report.sent.events == 0 { findings.append("nothing was sent") }
        return findings
    }
}
