// What becomes of a load test's report: a table, files, and the exit status.

import ArgumentParser
import FoundationEssentials
import Workload

struct WorkloadResults: ParsableArguments {
    @Option(help: "Fail if more than this share of all fails, 0 to 1.") var errorShareLimit = 0.01
    @Option(help: "Fail if half of the answers take longer, in milliseconds.") var p50LimitMs: Double?
    @Option(help: "Fail if 1 % of the answers take longer.") var p99LimitMs: Double?
    @Option(help: "Fail if 0.1 % of the answers take longer.") var p999LimitMs: Double?
    @Option(help: "Fail if 1 % of the events take longer until an answer shows them.")
    var freshnessP99LimitMs: Double?
    @Option(help: "Write the report as JSON to this file.") var json: String?
    @Option(help: "Draw the report as SVG into this file.") var picture: String?

    func validate() throws {
        guard (0...1).contains(errorShareLimit) else { throw ValidationError("--error-share-limit must be 0 to 1") }
    }

    /// Prints and writes the report.
    /// - Throws: an exit status of 1 if a limit was exceeded.
    func finish(_ report: WorkloadReport) throws {
        print(report.text)
        if let json { try Self.write(report.json(), to: json) }
        if let picture { try Self.write(Array(LatencyPicture(report).svg.utf8), to: picture) }
        var limits = WorkloadLimits()
        limits.errorShare = errorShareLimit
        limits.p50Ms = p50LimitMs
        limits.p99Ms = p99LimitMs
        limits.p999Ms = p999LimitMs
        limits.freshnessP99Ms = freshnessP99LimitMs
        let exceeded = limits.exceeded(by: report)
        for finding in exceeded { print("EXCEEDED    \(finding)") }
        if !exceeded.isEmpty { throw ExitCode(1) }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        do { try Data(bytes).write(to: URL(filePath: path)) } catch {
            throw OperatorError("cannot write \(path): \(error)")
        }
        print("written     \(path)")
    }
}
