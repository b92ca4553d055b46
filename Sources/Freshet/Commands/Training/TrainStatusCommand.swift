// What became of training: the latest runs as a table or as JSON, and one run in full.

import ArgumentParser
import FoundationEssentials
import Stores
import Telemetry

struct TrainStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the latest training runs, or one of them in full.")

    @Argument(help: "A run; without it the latest.") var run: String?
    @Option(help: "How many runs, 1 to 200.") var count = 10
    @Flag(help: "As JSON, with all metrics.") var json = false

    func validate() throws {
        guard (1...200).contains(count) else { throw ValidationError("--count goes from 1 to 200") }
    }

    func run() async throws {
        let context = try await OperatorContext.load()
        let (wanted, count, json) = (run, count, json)
        try await context.withRedis { stores in
            var runs: [TrainingRun] = []
            if let wanted {
                guard let run = try await stores.training.run(wanted) else {
                    throw OperatorError("there is no run \(wanted); `freshet train status` lists them")
                }
                runs = [run]
            } else {
                runs = try await stores.training.latest(countMax: count)
            }
            if json { return print(try Self.json(runs)) }
            guard !runs.isEmpty else { return print("nothing was trained yet; `freshet train request` asks for it") }
            if wanted != nil { return print(runs.map(Self.inFull).joined(separator: "\n")) }
            print(Self.table(runs))
            let queue = try await stores.training.queue()
            let trainer = queue.trainer.map { "\($0) works" } ?? "no trainer works at present"
            print("\(queue.waiting) waiting, \(trainer)")
        }
    }

    private static func table(_ runs: [TrainingRun]) -> String {
        var table = TextTable(["run", "state", "mode", "by", "asked for", "took", "steps", "release or reason"])
        for run in runs {
            let state =
                run.state == .running ? "running \(run.percent) %" : run.fields["state"] ?? "?"
            table.add([
                run.id, state, run.mode.isEmpty ? "-" : run.mode, run.by,
                run.requestedAtMs.map { UTCTime.text(milliseconds: $0) } ?? "-", took(run) ?? "-", steps(run),
                run.error.map { String($0.prefix(80)) } ?? run.release ?? "-",
            ])
        }
        return table.text
    }

    private static func took(_ run: TrainingRun) -> String? {
        guard let startedMs = run.startedAtMs else { return nil }
        return seconds((run.finishedAtMs ?? UTCTime.nowMs()) - startedMs)
    }

    private static func steps(_ run: TrainingRun) -> String {
        run.steps.isEmpty ? "-" : run.steps.map { "\($0.name) \(seconds($0.durationMs))" }.joined(separator: ", ")
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let tenths = (milliseconds + 50) / 100
        return tenths < 600 ? "\(tenths / 10).\(tenths % 10) s" : "\(tenths / 600) min \(tenths / 10 % 60) s"
    }

    private static func inFull(_ run: TrainingRun) -> String {
        var lines = ["run \(run.id)"]
        for (name, value) in run.fields.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            let time = name.hasSuffix("_at_ms") ? Int64(value) : nil
            lines.append("  \(name): \(time.map { UTCTime.text(milliseconds: $0) } ?? value)")
        }
        return lines.joined(separator: "\n")
    }

    private struct RunJSON: Encodable {
        struct Step: Encodable {
            let step: String
            let duration_ms: Int64
        }
        let run: String
        let state: String
        let mode: String
        let by: String
        let step: String
        let percent: Int
        let detail: String
        let attempt: Int
        let requested_at_ms: Int64?
        let started_at_ms: Int64?
        let finished_at_ms: Int64?
        let release: String?
        let error: String?
        let steps: [Step]
        let metrics: [String: Double]
    }

    private static func json(_ runs: [TrainingRun]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let values = runs.map { run in
            RunJSON(
                run: run.id, state: run.fields["state"] ?? "", mode: run.mode, by: run.by, step: run.step,
                percent: run.percent, detail: run.detail, attempt: run.attempt, requested_at_ms: run.requestedAtMs,
                started_at_ms: run.startedAtMs, finished_at_ms: run.finishedAtMs, release: run.release,
                error: run.error, steps: run.steps.map { .init(step: $0.name, duration_ms: $0.durationMs) },
                metrics: run.metrics)
        }
        return String(decoding: try encoder.encode(values), as: UTF8.self)
    }
}
