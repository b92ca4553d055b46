// freshet train prepare-data: clean data once, and say what became of every row.

import ArgumentParser
import Stores
import Telemetry
import Trainer

struct PrepareDataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare-data",
        abstract: "Clean the source data and archived events into infer_data/, and report what was left out.")

    @Flag(help: "Prepare anew even if neither files nor settings have changed.") var force = false

    func run() async throws {
        let context = try await TrainingContext.load()
        let preparing = PrepareData(
            source: context.stores.source, archive: context.stores.archive, prepared: context.stores.prepared,
            parameters: context.preparation)
        let meter = ProgressMeter(label: "prepare-data")
        let prepared = try await preparing.run(nowMs: UTCTime.nowMs(), isForced: force, progress: meter.show)
        let source = prepared.isReused ? "as prepared before" : "prepared"
        meter.end("\(source): infer_data/\(prepared.manifest.preparation)")
        for line in Self.lines(prepared.report) { print("  \(line)") }
    }

    /// What a person wants to know first; the whole report lies beside the data as report.json.
    private static func lines(_ report: PreparationReport) -> [String] {
        var lines: [String] = []
        for input in report.inputs {
            lines.append("\(input.name): \(input.rows) rows")
            for fault in input.faults {
                let first = fault.firstLines.map(String.init).joined(separator: ", ")
                lines.append("  \(fault.rows) unusable: \(fault.reason), first in line \(first)")
            }
        }
        let events = report.events
        lines.append("events: \(events.read) read, \(events.trainedOn) to train on, \(events.setAside) set aside")
        let bots = events.bots.reduce(0) { $0 + $1.events }
        lines.append(
            "left out: \(events.duplicates) duplicates, \(events.afterPresent) after the present, \(bots) of bot-like "
                + "users, \(events.withoutCategory) of items without a category")
        lines.append(
            "items: \(report.items.named) named, \(report.items.kept) kept, \(report.items.available) available")
        lines.append(
            "categories: \(report.categories.listed) listed, \(report.categories.orphans) orphans, "
                + "\(report.categories.cycles) cycles cut")
        return lines + report.warnings.map { "warning: \($0)" }
    }
}
