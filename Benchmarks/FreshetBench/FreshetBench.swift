// make bench: the running parts against limits that are measured in the same run, since machines are noisy. Prints each
// figure with its limit, and ends with status 1 if one is missed.

import ArgumentParser
import Telemetry

@main
struct FreshetBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freshet-bench", abstract: "Measure a running Freshet against limits of the same run.",
        subcommands: [MeasureCommand.self, HelloCommand.self], defaultSubcommand: MeasureCommand.self)
}

struct MeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "measure", abstract: "Measure everything.")

    @Option(help: "Seconds that each throughput figure is measured for.") var seconds = 8
    @Option(help: "Events per second of the freshness measurement.") var eventRate = 500
    @Option(help: "Measure only this: throughput, freshness or backlog.") var only: Measurement?

    enum Measurement: String, ExpressibleByArgument { case throughput, freshness, backlog }

    func run() async throws {
        let (seconds, eventRate, only) = (seconds, eventRate, only)
        let missed = try await BenchSystem.withSystem { system in
            var report = Report()
            if only == nil || only == .throughput {
                try await Throughput(system: system, seconds: seconds).measure(into: &report)
            }
            if only == nil || only == .freshness {
                try await Freshness(system: system, seconds: seconds, ratePerSecond: eventRate).measure(into: &report)
            }
            if only == nil || only == .backlog { try await Backlog(system: system).measure(into: &report) }
            return report.finish()
        }
        if missed > 0 { throw ExitCode(1) }
    }
}

/// Prints figures as they come and remembers which missed their limit.
struct Report {
    private var missed = 0

    /// A figure without a limit.
    mutating func note(_ name: String, _ value: String) { print("\(Self.padded(name)) \(value)") }

    /// A figure with its limit.
    mutating func check(_ name: String, _ value: String, limit: String, isMet: Bool) {
        if !isMet { missed += 1 }
        print("\(Self.padded(name)) \(value)   limit \(limit)   \(isMet ? "met" : "MISSED")")
    }

    /// How many limits were missed.
    func finish() -> Int {
        print(missed == 0 ? "all limits met" : "\(missed) limits missed")
        return missed
    }

    private static func padded(_ name: String) -> String {
        name + String(repeating: " ", count: max(1, 46 - name.count))
    }

    /// A number with `digits` decimals.
    static func decimal(_ value: Double, digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let units = Int((value * scale).rounded())
        guard digits > 0 else { return String(units) }
        let fraction = String(units % Int(scale))
        return "\(units / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
