// How the lists did that users got, for people at a terminal and for scripts.

import ArgumentParser
import Gateway
import Ranking
import Stores
import Telemetry
import WebService

struct QualityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality",
        abstract: "Show what users did with their lists: hit rate, places, online against offline.")

    @Option(help: "How many days (UTC), today among them, 1 to 8.") var days = 7
    @Flag(help: "As JSON, like GET /v1/quality.") var json = false

    func validate() throws {
        guard (1...QualityStore.daysMax).contains(days) else {
            throw ValidationError("--days must be from 1 to \(QualityStore.daysMax)")
        }
    }

    func run() async throws {
        let context = try await OperatorContext.load()
        let (days, json) = (days, json)
        try await context.withRedis { stores in
            let report = try await stores.quality.report(days: days, nowMs: UTCTime.nowMs())
            if json {
                var writer = JSONWriter(capacity: 4096)
                report.write(to: &writer)
                return print(String(decoding: writer.bytes, as: UTF8.self))
            }
            guard report.all.events > 0 else {
                return print(
                    "no event of a sampled user has followed a list in \(days) days; LIVE_QUALITY_SHARE says how many are sampled"
                )
            }
            print(QualityText.text(report))
        }
    }
}

/// A report as people read it.
enum QualityText {
    static func text(_ report: QualityReport) -> String {
        let days = report.days.count == 1 ? report.days[0] : "\(report.days.last ?? "") to \(report.days[0])"
        var table = TextTable(["lists", "events", "hits", "hit rate", "MRR", "hits per 1000 shown"])
        func add<Key>(_ name: String, _ row: QualityReport.Row<Key>) {
            table.add(cells(name, row.rates) + [number(row.hitsPerShown.map { $0 * 1000 }, 2)])
        }
        table.add(cells("all", report.all) + [""])
        for row in report.sources { add("from \(row.key.rawValue)", row) }
        for row in report.blends { add("by \(row.key.rawValue)", row) }
        for row in report.generations { add(row.key == 0 ? "other generations" : "generation \(row.key)", row) }
        var places = TextTable(["place", "online", "offline", "popular", "hit rate"])
        for row in report.places where row.shown > 0 {
            places.add(["\(row.place)"] + row.hits.map { "\($0.count)" } + [percent(row.hitRate)])
        }
        let contest = Contest.Comparison.allCases.map { comparison in
            let share = report.contest.share(comparison)
            let pairs = comparison == .onlineFirst ? "online stands higher " : "offline stands higher"
            let interval = share.interval.map { ", 95 % within \(percent($0.low)) to \(percent($0.high))" } ?? ""
            return
                "  \(pairs): online taken \(share.successes) of \(share.trials) times, \(percent(share.share))\(interval)"
        }
        return [
            days, table.text, "", places.text, "", "of two neighbours, one online and one offline",
            contest.joined(separator: "\n"), "  \(report.contest.verdict.sentence)",
        ].joined(separator: "\n")
    }

    private static func cells(_ name: String, _ rates: QualityRates) -> [String] {
        [name, "\(rates.events)", "\(rates.hits)", percent(rates.hitRate), number(rates.meanReciprocalRank, 4)]
    }

    private static func percent(_ value: Double?) -> String { value.map { "\(number($0 * 100, 1)) %" } ?? "-" }

    /// With a fixed number of digits.
    private static func number(_ value: Double?, _ digits: Int) -> String {
        guard let value else { return "-" }
        var factor = 1
        for _ in 0..<digits { factor *= 10 }
        let units = Int((value * Double(factor)).rounded())
        let fraction = "\(units % factor)"
        return "\(units / factor)." + String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
    }
}
