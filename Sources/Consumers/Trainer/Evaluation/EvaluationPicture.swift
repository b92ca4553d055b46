// An evaluation as a picture: NDCG of each kind of lists as a bar, with the interval as a whisker, for each kind of
// targets. Plain SVG, without script or font of its own, so that any viewer shows it.

package import Learning

/// Draws an evaluation.
package struct EvaluationPicture {
    private static let width = 760
    private static let barHeight = 22
    private static let barGap = 8
    private static let left = 150
    private static let right = 130

    private let evaluation: Evaluation

    package init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    /// The picture's text.
    package var svg: String {
        var body: [String] = []
        var y = 34
        body.append(text(20, y, "NDCG@\(evaluation.parameters.length) on the held-out end of the log", size: 18))
        y += 22
        let days = "\(EvaluationText.day(evaluation.cutMs)) to \(EvaluationText.day(evaluation.endMs))"
        body.append(
            text(20, y, "\(days); whiskers hold 95 % of the means over drawings of users", size: 12, isFaint: true))
        for table in evaluation.tables {
            y += 34
            let what = table.targets == .new ? "New items only" : "Items touched before count, too"
            body.append(text(20, y, "\(what): \(table.users) users, \(table.targetCount) targets", size: 14))
            y += 14
            let most = table.rows.map { $0.metrics[ListMetric.ndcg.rawValue]?.high ?? $0.value(.ndcg) }.max() ?? 0
            for row in table.rows {
                body += bar(row, y: y, scale: most > 0 ? Double(Self.width - Self.left - Self.right) / most : 0)
                y += Self.barHeight + Self.barGap
            }
        }
        let height = y + 16
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(height)" \
            viewBox="0 0 \(Self.width) \(height)" font-family="sans-serif">
            <rect width="\(Self.width)" height="\(height)" fill="#ffffff"/>
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    private func bar(_ row: Evaluation.Row, y: Int, scale: Double) -> [String] {
        let value = row.value(.ndcg)
        let figure = row.metrics[ListMetric.ndcg.rawValue]
        let middle = y + Self.barHeight / 2
        let color = row.lists == .finalLists ? "#1f6f8b" : "#a9b7bd"
        let end = Self.left + Int((value * scale).rounded())
        var parts = [
            text(Self.left - 8, middle + 4, row.lists.rawValue, size: 12, anchor: "end"),
            #"<rect x="\#(Self.left)" y="\#(y)" width="\#(max(end - Self.left, 1))" height="\#(Self.barHeight)" "#
                + #"fill="\#(color)"/>"#,
        ]
        var labelX = end + 8
        if let low = figure?.low, let high = figure?.high {
            let (from, to) = (Self.left + Int((low * scale).rounded()), Self.left + Int((high * scale).rounded()))
            parts.append(
                #"<path d="M\#(from) \#(middle)H\#(to)M\#(from) \#(middle - 5)v10M\#(to) \#(middle - 5)v10" "#
                    + ##"stroke="#222222" fill="none"/>"##)
            labelX = max(labelX, to + 8)
        }
        parts.append(text(labelX, middle + 4, EvaluationText.number(value), size: 12))
        return parts
    }

    private func text(
        _ x: Int, _ y: Int, _ content: String, size: Int, anchor: String = "start", isFaint: Bool = false
    ) -> String {
        #"<text x="\#(x)" y="\#(y)" font-size="\#(size)" text-anchor="\#(anchor)" "#
            + ##"fill="\##(isFaint ? "#666666" : "#222222")">\##(content)</text>"##
    }
}
