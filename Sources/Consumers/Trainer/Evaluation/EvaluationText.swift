// An evaluation as a person reads it on a terminal, and as a program reads it from a file.

import FoundationEssentials
package import Learning

extension Evaluation {
    /// The evaluation as JSON, with names in snake case.
    package func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return Array(try encoder.encode(self))
    }

    /// Reads what ``json()`` writes.
    package static func read(json: [UInt8]) throws -> Evaluation {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Evaluation.self, from: Data(json))
    }

    /// The protocol in sentences, then a table for each kind of targets.
    package var lines: [String] {
        var lines = [
            "held out: \(EvaluationText.day(cutMs)) to \(EvaluationText.day(endMs)), the last "
                + "\(EvaluationText.percent(parameters.heldOutShare)) of the log's time; one cut for everybody",
            "\(usersFound) users with events before the cut and after it, \(usersJudged) of them judged; "
                + "\(usersWithoutPast) without a past do not count",
        ]
        if let candidateRecall {
            lines.append(
                "candidates of the past held \(EvaluationText.percent(candidateRecall)) of what was touched next")
        }
        for table in tables { lines += EvaluationText.lines(table, length: parameters.length) }
        return lines
    }
}

/// Figures in columns.
enum EvaluationText {
    static func lines(_ table: Evaluation.Table, length: Int) -> [String] {
        let what = table.targets == .new ? "new items only" : "items touched before count, too"
        var lines = ["", "\(what): \(table.users) users, \(table.targetCount) targets, lists of \(length)"]
        let head = ["lists", "NDCG", "95 %", "recall", "capped", "precision", "MAP", "hit rate", "coverage", "novelty"]
        var rows = [head]
        for row in table.rows {
            let ndcg = row.metrics[ListMetric.ndcg.rawValue]
            rows.append([
                row.lists.rawValue, number(row.value(.ndcg)),
                ndcg.flatMap { figure in figure.low.map { "\(number($0))-\(number(figure.high ?? $0))" } } ?? "",
                number(row.value(.recall)), number(row.value(.capped)), number(row.value(.precision)),
                number(row.value(.map)), number(row.value(.hitRate)), number(row.coverage),
                row.novelty.map { number($0, digits: 1) } ?? "",
            ])
        }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = row.enumerated().map { column, text in
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + padding : padding + text
            }
            lines.append("  " + cells.joined(separator: "  "))
        }
        if let gain = table.gain { lines.append("  " + sentence(gain)) }
        return lines
    }

    private static func sentence(_ gain: Evaluation.Gain) -> String {
        let difference = gain.difference
        var text = "final minus \(gain.over.rawValue), the best of the others: \(number(difference.value)) NDCG"
        guard let low = difference.low, let high = difference.high else { return text }
        text += ", 95 % of drawings within \(number(low)) to \(number(high)): "
        if low > 0 { return text + "better" }
        return text + (high < 0 ? "worse" : "no certain difference")
    }

    static func number(_ value: Double, digits: Int = 4) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int((abs(value) * scale).rounded())
        let text = String(rounded)
        let padded = String(repeating: "0", count: max(digits + 1 - text.count, 0)) + text
        let sign = value < 0 && rounded > 0 ? "-" : ""
        return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }

    static func percent(_ share: Double) -> String { "\(number(share * 100, digits: 1)) %" }

    /// A day, UTC.
    static func day(_ ms: Int64) -> String {
        Date(timeIntervalSince1970: Double(ms) / 1000).formatted(.iso8601.year().month().day())
    }
}
