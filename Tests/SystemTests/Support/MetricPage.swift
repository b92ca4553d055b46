// A page of metrics as a scraper reads it.

import Testing
import WebClient

/// What a role's /metrics says at one moment.
struct MetricPage {
    let text: String
    private let values: [String: Double]

    init(_ text: String) {
        self.text = text
        values = Dictionary(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                guard let blank = line.lastIndex(of: " "), let value = Double(line[line.index(after: blank)...]) else {
                    return nil
                }
                return (String(line[..<blank]), value)
            }
        ) { first, _ in first }
    }

    /// Reads the page of a role.
    static func scrape(_ process: FreshetProcess) async throws -> MetricPage {
        let answer = try await HTTP.get(process.port, "/metrics")
        try #require(answer.status == 200, "\(answer.text)")
        return MetricPage(answer.text)
    }

    /// The sum of all series of a metric whose labels contain each of `labels`; nil if there are none.
    func sum(_ name: String, _ labels: String...) -> Double? {
        let found = values.filter { series, _ in
            series.prefix { $0 != "{" } == name && labels.allSatisfy { series.contains($0) }
        }
        return found.isEmpty ? nil : found.values.reduce(0, +)
    }
}
