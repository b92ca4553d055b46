// freshet mlflow: what waits for the tracking server, and sending it now.

import ArgumentParser
import FoundationEssentials
import Stores
import Telemetry
import Tracking

struct MLflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mlflow", abstract: "Show what waits for MLflow, or send it now.",
        discussion: """
            With MLFLOW_TRACKING_URI every training run is written down there. What cannot be sent waits in the object store; \
            a running trainer sends it, and so does the next run.
            """,
        subcommands: [MLflowStatusCommand.self, MLflowSendCommand.self], defaultSubcommand: MLflowStatusCommand.self)

    static func tracking() async throws -> HandTracking {
        guard let tracking = try await TrainingContext.load().tracking else {
            throw OperatorError("MLFLOW_TRACKING_URI is not set; `make mlflow` starts a server and says what to set")
        }
        return tracking
    }
}

struct MLflowStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Which runs wait for MLflow, since when, and which it has refused.")

    @Flag(help: "Print JSON.") var json = false

    private struct Waiting: Encodable {
        let record: String
        let since: String
        let bytes: Int
        let refused: String?
    }

    func run() async throws {
        let tracker = try await MLflowCommand.tracking().tracker
        let status = try await tracker.status()
        var rows: [Waiting] = []
        for entry in status.waiting + status.refused {
            rows.append(
                Waiting(
                    record: entry.name, since: UTCTime.text(milliseconds: entry.sinceMs), bytes: entry.bytes,
                    refused: entry.isRefused ? try await tracker.refusal(of: entry) ?? "" : nil))
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return print(String(decoding: try encoder.encode(rows), as: UTF8.self))
        }
        guard !rows.isEmpty else { return print("nothing waits") }
        var table = TextTable(["record", "since", "bytes", "state"])
        for row in rows {
            table.add([
                row.record, row.since, "\(row.bytes)", row.refused.map { "refused: \($0.prefix(120))" } ?? "waits",
            ])
        }
        print(table.text)
        print("\(status.waiting.count) waiting, \(status.refused.count) refused, \(status.bytes) bytes")
    }
}

struct MLflowSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send what waits, and move the aliases of the models, now.")

    @Flag(help: "Also send again what was refused.") var refused = false
    @Option(help: "Give up after so many seconds.") var timeout = 600

    func validate() throws {
        guard (1...86_400).contains(timeout) else { throw ValidationError("--timeout goes from 1 to 86400") }
    }

    func run() async throws {
        let tracking = try await MLflowCommand.tracking()
        if refused { try await tracking.tracker.forgiveAll() }
        let turn = try await tracking.sendWithin(seconds: timeout)
        for line in HandTracking.lines(turn) { print(line) }
        let status = try await tracking.tracker.status()
        print("\(turn.sent.count) sent, \(status.waiting.count) waiting, \(status.refused.count) refused")
        if !turn.refused.isEmpty { throw ExitCode(1) }
    }
}
