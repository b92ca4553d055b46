// The report for people.

import FoundationEssentials

extension WorkloadReport {
    /// Lateness above this share of the latency means that the load test measured itself.
    private static let latenessShareMax = 0.25

    /// The whole report as text.
    package var text: String {
        let header = ["ms", "count", "p50", "p90", "p95", "p99", "p99.9", "max", "mean"]
        let rows = [
            ("recommendations", recommendations), ("events", events), ("event to answer", freshness),
            ("late by itself", lateness),
        ].map { name, latency in
            [name, Decimal.grouped(latency.count)]
                + (latency.count == 0
                    ? Array(repeating: "-", count: 7)
                    : [
                        latency.p50Ms, latency.p90Ms, latency.p95Ms, latency.p99Ms, latency.p999Ms, latency.maxMs,
                        latency.meanMs,
                    ].map(Decimal.short))
        }
        var lines = planLines + [""] + Self.table([header] + rows) + [""]
        lines.append("served by   \(Self.counts(servedBy))")
        lines.append("items from  \(Self.counts(items))")
        lines.append(
            errors.isEmpty
                ? "errors      none"
                : "errors      \(Self.counts(errors)); \(Decimal.text(errorShare * 100, digits: 4)) % of all")
        if let warning = latenessWarning { lines.append("warning     \(warning)") }
        return lines.joined(separator: "\n")
    }

    /// What to think of when the load test itself was slow; nil if it was not.
    package var latenessWarning: String? {
        let measured = max(recommendations.p99Ms, events.p99Ms)
        guard lateness.p99Ms > 1, lateness.p99Ms > measured * Self.latenessShareMax else { return nil }
        return
            "the load test itself sent 1 % of its arrivals more than \(Decimal.short(lateness.p99Ms)) ms late, which is in "
            + "the figures above; give it a machine of its own, or a lower rate"
    }

    private var planLines: [String] {
        let rate = elapsedSeconds > 0 ? Double(sent.recommendations + sent.events + sent.readsBack) / elapsedSeconds : 0
        var sentLine =
            "sent        \(Decimal.grouped(sent.recommendations)) requests, \(Decimal.grouped(sent.events)) events, "
            + "\(Decimal.grouped(sent.readsBack)) reads of an event just written, in \(Decimal.text(elapsedSeconds, digits: 1))"
            + " s: \(Decimal.short(rate))/s"
        if wasStopped { sentLine += ", stopped early" }
        return [
            "load        \(Decimal.grouped(plan.arrivals)) arrivals over \(Decimal.text(plan.durationSeconds, digits: 1)) s"
                + ", \(Decimal.short(plan.peakRatePerSecond))/s"
                + (plan.rampSeconds > 0 ? " after a ramp of \(Decimal.text(plan.rampSeconds)) s" : "")
                + ", requests to events \(plan.mix), seed \(plan.seed)",
            "users       \(plan.population)",
            "system      \(plan.gateway), events by \(plan.eventPath)", sentLine,
        ]
    }

    /// As JSON, with the same fields in the same order every time.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    private static func counts(_ counts: [String: Int]) -> String {
        let parts = counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return parts.isEmpty ? "-" : parts.map { "\($0.key) \(Decimal.grouped($0.value))" }.joined(separator: ", ")
    }

    /// Columns, numbers to the right.
    private static func table(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + padding : padding + row[column]
            }.joined(separator: "  ")
        }
    }
}
