// Releases at the gate: what each would change or has changed, and a person's word on one that waits.

import ArgumentParser
import FoundationEssentials
import Models
import Settings
import Stores
import Telemetry

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "See what releases change, and approve or refuse one that waits.",
        subcommands: [
            ReleaseListCommand.self, ReleaseReportCommand.self, ReleaseApproveCommand.self, ReleaseRefuseCommand.self,
        ])
}

struct ReleaseListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the latest releases and what was decided about them.")

    @Flag(help: "As JSON.") var json = false

    func run() async throws {
        let context = try await OperatorContext.load()
        let json = json
        try await context.withRedis { stores in
            let reports = try await stores.reports.all()
            if json { return print(try ReleaseReportText.json(reports)) }
            guard !reports.isEmpty else { return print("no release has been loaded yet; `freshet reload` loads one") }
            var table = TextTable(["release", "generation", "decision", "users", "lost", "gained", "overlap", "why"])
            for report in reports {
                table.add([
                    report.new.release, "\(report.new.generation)", report.decision.rawValue, "\(report.new.users)",
                    "\(report.usersLost)", "\(report.usersGained)", ReleaseReportText.percent(report.overlapAtTen),
                    report.reasons.joined(separator: "; "),
                ])
            }
            print(table.text)
        }
    }
}

struct ReleaseReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show what a release changes, and what was decided about it.",
        aliases: ["show"])

    @Argument(help: "The release; without it the latest.") var release: String?
    @Flag(help: "As JSON.") var json = false

    func run() async throws {
        let context = try await OperatorContext.load()
        let (release, json) = (release, json)
        try await context.withRedis { stores in
            let reports = try await stores.reports.all()
            guard let report = reports.last(where: { release == nil || $0.new.release == release }) else {
                throw OperatorError(
                    release.map { "there is no report of release \($0); `freshet release list` shows which there are" }
                        ?? "no release has been loaded yet")
            }
            print(json ? try ReleaseReportText.json(report) : ReleaseReportText.table(report))
        }
    }
}

struct ReleaseApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Make the release live that waits.")

    @Argument(help: "The release; without it the one that waits.") var release: String?
    @Flag(help: "Wait until every instance serves it, and say which one does not.") var wait = false
    @Option(help: "How long to wait, in seconds.") var timeoutSeconds = 60

    func run() async throws {
        let context = try await OperatorContext.load()
        let kept = try LoaderSettings(context.reader).generationsKept
        let (release, wait, timeoutSeconds) = (release, wait, timeoutSeconds)
        try await context.withRedis { stores in
            let startedMs = UTCTime.nowMs()
            let info = try await WaitingRelease.find(release, in: stores)
            let name = OperatorName.current
            try await stores.generations.approve(info.generation, by: name, kept: kept, nowMs: startedMs)
            try await stores.reports.note(.approved, of: info.release, by: name, nowMs: startedMs)
            print("release \(info.release) is live as generation \(info.generation)")
            guard wait else { return }
            try await ReloadWaiter(stores: stores, startedMs: startedMs, timeoutSeconds: timeoutSeconds)
                .waitForInstances(info.generation)
        }
    }
}

struct ReleaseRefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse", abstract: "Give the release up that waits; the live one stays.")

    @Argument(help: "The release; without it the one that waits.") var release: String?
    @Option(help: "Why, for whoever asks later.") var reason = "refused by hand"

    func run() async throws {
        let context = try await OperatorContext.load()
        let (release, reason) = (release, reason)
        try await context.withRedis { stores in
            let nowMs = UTCTime.nowMs()
            let info = try await WaitingRelease.find(release, in: stores)
            try await stores.generations.reject(info.generation, reason: reason, nowMs: nowMs)
            try await stores.reports.note(
                .refused, of: info.release, by: OperatorName.current, reason: reason, nowMs: nowMs)
            print("release \(info.release) is refused; the live one stays")
        }
    }
}

/// Finds what waits for a person's word.
enum WaitingRelease {
    /// - Throws: ``OperatorError`` if nothing waits, or not the one that was named.
    static func find(_ release: String?, in stores: RedisStores) async throws -> GenerationInfo {
        let waiting = try await stores.generations.all().filter { $0.state == "waiting" }
        if let found = waiting.last(where: { release == nil || $0.release == release }) { return found }
        guard let release else {
            throw OperatorError("no release waits; `freshet release list` shows what became of them")
        }
        throw OperatorError(
            "release \(release) does not wait"
                + (waiting.last.map { "; \($0.release) does" }
                    ?? ": no release does. `freshet reload --release \(release) --ungated` loads it past the gate"))
    }
}

/// A report for people and for programs.
enum ReleaseReportText {
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func percent(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded())) %" } ?? "-" }

    static func table(_ report: ReleaseReport) -> String {
        var table = TextTable(["", "new", "live then"])
        func row(_ name: String, _ value: (ReleaseReport.Lists) -> String) {
            table.add([name, value(report.new), report.live.map(value) ?? "-"])
        }
        row("release") { $0.release }
        row("generation") { "\($0.generation)" }
        row("users with a list") { "\($0.users)" }
        row("empty lists") { "\($0.emptyLists)" }
        row("lists shorter than ten") { "\($0.shortLists)" }
        row("different items in lists") { "\($0.itemsCovered)" }
        row("items with similar items") { "\($0.itemsWithSimilar)" }
        row("NDCG@10 of the model") { $0.ndcg.map { "\(($0 * 10_000).rounded() / 10_000)" } ?? "-" }
        var lines = [table.text]
        if report.live != nil {
            lines.append("users lost \(report.usersLost), gained \(report.usersGained)")
            lines.append(
                "overlap of the first ten items \(percent(report.overlapAtTen)), over \(report.overlapUsers) users")
        }
        let who = report.decidedBy.map { " by \($0)" } ?? ""
        lines.append("\(report.decision.rawValue)\(who) at \(UTCTime.text(milliseconds: report.decidedAtMs))")
        lines += report.reasons.map { "  - \($0)" }
        return lines.joined(separator: "\n")
    }
}
