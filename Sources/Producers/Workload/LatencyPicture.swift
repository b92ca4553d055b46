// The report as a picture: how latency is distributed, far into the tail, and how it went over time.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Draws a report as SVG.
package struct LatencyPicture: Sendable {
    private static let width = 960.0
    private static let left = 72.0
    private static let style = """
        <style>
        svg { background: #ffffff; font: 13px system-ui, sans-serif; }
        text { fill: #1f2937; } .head { font-size: 17px; font-weight: 600; } .title { font-weight: 600; }
        .tick, .note { fill: #6b7280; font-size: 12px; } .grid { stroke: #e5e7eb; }
        path { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .recommendations { stroke: #1d4ed8; } .events { stroke: #b45309; } .freshness { stroke: #0f766e; }
        .lateness { stroke: #9ca3af; stroke-dasharray: 5 4; } .median { stroke: #93b4f5; } .rate { stroke: #4b5563; }
        .error { stroke: #dc2626; stroke-width: 2; }
        </style>
        """

    private let report: WorkloadReport

    package init(_ report: WorkloadReport) { self.report = report }

    private var series: [(name: String, style: String, latency: LatencySummary)] {
        [
            ("recommendations", "recommendations", report.recommendations), ("events", "events", report.events),
            ("event to answer", "freshness", report.freshness), ("late by itself", "lateness", report.lateness),
        ].filter { $0.latency.count > 0 }
    }

    /// The whole picture, in UTF-8.
    package var svg: String {
        let plan = report.plan
        var parts = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Self.width) 900" width="\#(Self.width)" height="900">"#,
            Self.style,
            #"<text class="head" x="\#(Self.left)" y="34">Load test: \#(Decimal.grouped(plan.arrivals)) arrivals, "#
                + "\(Decimal.short(plan.peakRatePerSecond))/s, requests to events \(plan.mix)</text>",
            #"<text class="note" x="\#(Self.left)" y="56">\#(SVG.escaped(plan.population)); events by "#
                + "\(SVG.escaped(plan.eventPath)); failures \(Decimal.text(report.errorShare * 100, digits: 4)) %</text>",
            #"<text class="note" x="\#(Self.left)" y="74">Latency counts from when a request was due, "#
                + "whatever became of those before it.</text>",
        ]
        parts += legend(at: 102) + distribution(top: 154) + course(top: 520) + rate(top: 766)
        return (parts + ["</svg>", ""]).joined(separator: "\n")
    }

    private func legend(at y: Double) -> [String] {
        var x = Self.left
        return series.map { name, style, latency in
            let text = "\(name): p99 \(Decimal.short(latency.p99Ms)) ms"
            defer { x += 60 + Double(text.count) * 6.6 }
            return #"<path class="\#(style)" d="M\#(SVG.number(x)) \#(y - 4)h24"/>"#
                + #"<text x="\#(SVG.number(x + 30))" y="\#(y)">\#(text)</text>"#
        }
    }

    /// Latency by percentile; every nine more takes as much room as the one before.
    private func distribution(top: Double) -> [String] {
        func nines(_ percentile: Double) -> Double { log10(1 / (1 - min(percentile, 99.9999) / 100)) }
        let ticks = [0, 50, 90, 99, 99.9, 99.99, 99.999]
        let most = series.map(\.latency.count).max() ?? 0
        // Beyond one of all that were measured, percentiles only repeat the maximum.
        let last = min(5, max(1, log10(Double(max(most, 10))).rounded(.up)))
        let panel = SVGPanel(
            left: Self.left, top: top, width: Self.width - Self.left - 40, height: 280,
            x: SVGScale(lower: 0, upper: last, isLogarithmic: false),
            y: .milliseconds(series.flatMap { $0.latency.distribution.map(\.ms) }),
            title: "Milliseconds by percentile")
        let frame = panel.frame(
            xTicks: ticks.filter { nines($0) <= last + 0.001 }.map { (nines($0), "\(Decimal.text($0)) %") },
            yTicks: panel.y.decades, xTitle: "so many answers were no slower")
        return frame
            + series.map { _, style, latency in
                let points = latency.distribution.map { (x: nines($0.percentile), y: $0.ms) }
                return panel.line(points.filter { $0.x <= last }, style: style)
            }
    }

    /// Median and p99 of recommendations over time, and where something failed.
    private func course(top: Double) -> [String] {
        let points = report.points.filter { $0.p99Ms > 0 }
        let end = max(1, report.points.last?.atSeconds ?? 1)
        let panel = SVGPanel(
            left: Self.left, top: top, width: Self.width - Self.left - 40, height: 180,
            x: SVGScale(lower: 0, upper: end, isLogarithmic: false),
            y: .milliseconds(points.flatMap { [$0.p50Ms, $0.p99Ms] }),
            title: "Recommendations over time: p99 and, lighter, the median, in ms; red marks failures")
        var parts = panel.frame(
            xTicks: SVGScale.rounds(upTo: end, count: 10), yTicks: panel.y.decades, xTitle: "seconds")
        parts.append(panel.line(points.map { ($0.atSeconds, $0.p50Ms) }, style: "median"))
        parts.append(panel.line(points.map { ($0.atSeconds, $0.p99Ms) }, style: "recommendations"))
        for point in report.points where point.errors > 0 {
            let x = SVG.number(panel.placeX(point.atSeconds))
            parts.append(
                #"<line class="error" x1="\#(x)" x2="\#(x)" y1="\#(top + 170)" y2="\#(top + 180)"/>"#)
        }
        return parts
    }

    /// What was sent per second.
    private func rate(top: Double) -> [String] {
        let points = report.points
        let end = max(1, points.last?.atSeconds ?? 1)
        let highest = max(1, points.map(\.sentPerSecond).max() ?? 1)
        let panel = SVGPanel(
            left: Self.left, top: top, width: Self.width - Self.left - 40, height: 80,
            x: SVGScale(lower: 0, upper: end, isLogarithmic: false),
            y: SVGScale(lower: 0, upper: highest, isLogarithmic: false), title: "Sent per second")
        return panel.frame(
            xTicks: SVGScale.rounds(upTo: end, count: 10), yTicks: SVGScale.rounds(upTo: highest, count: 3),
            xTitle: "seconds") + [panel.line(points.map { ($0.atSeconds, $0.sentPerSecond) }, style: "rate")]
    }
}
