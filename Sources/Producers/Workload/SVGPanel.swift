// A panel of a picture: two scales, a frame with ticks, lines in it. Just enough SVG for the load test's report.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// From values to places, evenly or by orders of magnitude.
struct SVGScale {
    /// The values at the two ends.
    let lower: Double
    let upper: Double
    let isLogarithmic: Bool

    /// Where a value stands, 0 to 1; what lies outside stands at the edge.
    func share(_ value: Double) -> Double {
        guard upper > lower else { return 0 }
        let share =
            isLogarithmic
            ? (log10(max(value, lower)) - log10(lower)) / (log10(upper) - log10(lower))
            : (value - lower) / (upper - lower)
        return min(1, max(0, share))
    }

    /// Milliseconds by orders of magnitude, from the one below the smallest to the one above the largest.
    static func milliseconds(_ values: some Sequence<Double>) -> SVGScale {
        let positive = values.filter { $0 > 0 }
        let lowest = positive.min() ?? 0.1
        let highest = positive.max() ?? 10
        let lower = pow(10, log10(lowest).rounded(.down))
        return SVGScale(lower: lower, upper: max(lower * 10, pow(10, log10(highest).rounded(.up))), isLogarithmic: true)
    }

    /// The orders of magnitude, with their text.
    var decades: [(value: Double, text: String)] {
        var decades: [(value: Double, text: String)] = []
        var value = lower
        // An hour in milliseconds is below ten million: there are at most ten or so.
        while value <= upper * 1.001, decades.count < 16 {
            decades.append((value, Decimal.text(value)))
            value *= 10
        }
        return decades
    }

    /// About `count` round numbers from 0 up, with their text.
    static func rounds(upTo upper: Double, count: Int) -> [(value: Double, text: String)] {
        guard upper > 0 else { return [(0, "0")] }
        let rough = upper / Double(count)
        let magnitude = pow(10, log10(rough).rounded(.down))
        let step = ([1, 2, 5, 10].first { $0 * magnitude >= rough } ?? 10) * magnitude
        return (0...Int(upper / step + 0.01)).map { (Double($0) * step, Decimal.text(Double($0) * step)) }
    }
}

/// A frame at a place of the picture, in pixels.
struct SVGPanel {
    let left: Double
    let top: Double
    let width: Double
    let height: Double
    let x: SVGScale
    let y: SVGScale
    let title: String

    func placeX(_ value: Double) -> Double { left + x.share(value) * width }
    func placeY(_ value: Double) -> Double { top + (1 - y.share(value)) * height }

    /// The frame, its title, and its ticks.
    func frame(
        xTicks: [(value: Double, text: String)], yTicks: [(value: Double, text: String)], xTitle: String
    ) -> [String] {
        var parts = [
            #"<text class="title" x="\#(left)" y="\#(top - 12)">\#(SVG.escaped(title))</text>"#
        ]
        for tick in yTicks {
            let place = SVG.number(placeY(tick.value))
            parts.append(
                #"<line class="grid" x1="\#(left)" x2="\#(left + width)" y1="\#(place)" y2="\#(place)"/>"#
                    + #"<text class="tick" text-anchor="end" x="\#(left - 8)" y="\#(SVG.number(placeY(tick.value) + 4))">"#
                    + "\(tick.text)</text>")
        }
        for tick in xTicks {
            let place = SVG.number(placeX(tick.value))
            parts.append(
                #"<line class="grid" x1="\#(place)" x2="\#(place)" y1="\#(top)" y2="\#(top + height)"/>"#
                    + #"<text class="tick" text-anchor="middle" x="\#(place)" y="\#(top + height + 18)">\#(tick.text)</text>"#
            )
        }
        parts.append(
            #"<text class="tick" text-anchor="end" x="\#(left + width)" y="\#(top + height + 36)">\#(SVG.escaped(xTitle))"#
                + "</text>")
        return parts
    }

    /// A line through points; nothing for fewer than two.
    func line(_ points: [(x: Double, y: Double)], style: String) -> String {
        guard points.count > 1 else { return "" }
        let path = points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(SVG.number(placeX(point.x))) \(SVG.number(placeY(point.y)))"
        }.joined()
        return #"<path class="\#(style)" d="\#(path)"/>"#
    }
}

/// Text of SVG.
enum SVG {
    static func number(_ value: Double) -> String { Decimal.text(value, digits: 1) }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
