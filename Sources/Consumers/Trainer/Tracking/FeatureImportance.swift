// What the trees look at, as files beside a model: a table for programs and a picture for people.

import FoundationEssentials
import Stores

/// The gain of each feature of a model, as written down in its figures.
struct FeatureImportance: Sendable {
    private static let prefix = "ranker.gain."
    /// Bars of the picture at most.
    private static let barsMax = 40
    private static let (width, left, right, barHeight, barGap) = (760, 230, 90, 18, 6)

    /// By falling gain.
    let features: [(name: String, gain: Double)]

    /// Nil for a model without trees.
    init?(_ metrics: [String: Double]) {
        let found = metrics.filter { $0.key.hasPrefix(Self.prefix) }
        guard !found.isEmpty else { return nil }
        features = found.map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) }
            .sorted { ($1.gain, $0.name) < ($0.gain, $1.name) }
    }

    private var total: Double { features.reduce(0) { $0 + $1.gain } }

    /// `feature,gain,share`.
    var csv: String {
        let rows = features.map { "\($0.name),\($0.gain),\(total > 0 ? $0.gain / total : 0)" }
        return (["feature,gain,share"] + rows).joined(separator: "\n") + "\n"
    }

    /// The same as JSON.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return Array(
            try encoder.encode(Dictionary(features.map { ($0.name, $0.gain) }, uniquingKeysWith: { first, _ in first }))
        )
    }

    /// A bar for each feature, in plain SVG.
    var svg: String {
        var y = 34
        var body = [text(20, y, "What the ranker looks at", size: 18)]
        y += 22
        body.append(
            text(20, y, "gain of each feature in the trees, as a share of the whole", size: 12, fill: "#666666"))
        y += 16
        let most = features.first?.gain ?? 0
        for feature in features.prefix(Self.barsMax) {
            let scale = most > 0 ? feature.gain / most : 0
            let length = max(1, Int((Double(Self.width - Self.left - Self.right) * scale).rounded()))
            let middle = y + Self.barHeight / 2 + 4
            body.append(text(Self.left - 8, middle, feature.name, size: 12, anchor: "end"))
            body.append(
                #"<rect x="\#(Self.left)" y="\#(y)" width="\#(length)" height="\#(Self.barHeight)" "#
                    + ##"fill="#1f6f8b"/>"##)
            let share = total > 0 ? feature.gain / total : 0
            body.append(text(Self.left + length + 8, middle, EvaluationText.percent(share), size: 12))
            y += Self.barHeight + Self.barGap
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(y + 16)" \
            viewBox="0 0 \(Self.width) \(y + 16)" font-family="sans-serif">
            <rect width="\(Self.width)" height="\(y + 16)" fill="#ffffff"/>
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    private func text(
        _ x: Int, _ y: Int, _ content: String, size: Int, anchor: String = "start", fill: String = "#222222"
    ) -> String {
        let plain = content.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        return
            #"<text x="\#(x)" y="\#(y)" font-size="\#(size)" text-anchor="\#(anchor)" fill="\#(fill)">\#(plain)</text>"#
    }
}
