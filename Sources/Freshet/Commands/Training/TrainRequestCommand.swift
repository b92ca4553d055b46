// Asking a trainer for a run, following it, and cancelling it. What is shown is read from the run's key, so a message
// that is lost costs nothing.

import ArgumentParser
import Stores
import Telemetry

struct TrainRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Ask a trainer for a run; the same request, if it still waits, is joined.")

    @Option(help: "manual or autonomous; without it, as the trainer is configured.") var mode: TrainingMode?
    @Flag(help: "Show the run until it is over.") var follow = false

    func run() async throws {
        let context = try await OperatorContext.load()
        let (mode, follow) = (mode, follow)
        try await context.withRedis { stores in
            let ticket = try await stores.training.request(mode, by: "command", nowMs: UTCTime.nowMs())
            print(ticket.isJoined ? "joined run \(ticket.run), which waits already" : "asked for run \(ticket.run)")
            guard follow else { return print("`freshet train status \(ticket.run)` shows it") }
            try await RunFollower(training: stores.training, run: ticket.run).follow()
        }
    }
}

extension TrainingMode: ExpressibleByArgument {}

struct TrainCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a run that waits or is in hand.")

    @Argument(help: "The run; without it the one in hand, or else the first that waits.") var run: String?

    func run() async throws {
        let context = try await OperatorContext.load()
        let wanted = run
        try await context.withRedis { stores in
            let id: String
            if let wanted {
                id = wanted
            } else {
                let open = try await stores.training.latest(countMax: 200).filter { $0.state?.isOver == false }
                guard let first = open.last(where: { $0.state != .pending }) ?? open.last else {
                    throw OperatorError("no run waits or is in hand")
                }
                id = first.id
            }
            switch try await stores.training.cancel(id, nowMs: UTCTime.nowMs()) {
            case nil: throw OperatorError("there is no run \(id); `freshet train status` lists them")
            case .cancelled?: print("cancelled run \(id)")
            case .running?: print("asked the trainer to stop run \(id)")
            case .some(let state): throw OperatorError("run \(id) is over: \(state.rawValue)")
            }
        }
    }
}

/// Shows a run until it is over.
struct RunFollower: Sendable {
    private static let pollMs = 250
    /// After so long without a trainer we say what may be missing.
    private static let patienceMs: Int64 = 5000

    let training: TrainingRequests
    let run: String

    /// Throws if the run comes to no good end.
    func follow() async throws {
        let startedMs = UTCTime.nowMs()
        var shown = ""
        while true {
            guard let run = try await training.run(run) else {
                throw OperatorError("run \(run) is gone from Redis; was it flushed?")
            }
            let text = try await line(run, waitedMs: UTCTime.nowMs() - startedMs)
            // A terminal shows every percent in one line; a log gets a line for each step.
            let news = isTerminal ? text : run.state == .pending ? text : run.step
            if news != shown { ProgressLine.show(text, isLast: !isTerminal) }
            shown = news
            switch run.state {
            case .succeeded:
                return ProgressLine.show(
                    "run \(run.id) succeeded" + (run.release.map { ", release \($0) is asked for" } ?? ""), isLast: true
                )
            case .failed, .cancelled:
                ProgressLine.show(text, isLast: true)
                throw OperatorError(
                    "run \(run.id) \(run.state?.rawValue ?? "")" + (run.error.map { ": \($0)" } ?? ""))
            default: break
            }
            try await Task.sleep(for: .milliseconds(Self.pollMs))
        }
    }

    private func line(_ run: TrainingRun, waitedMs: Int64) async throws -> String {
        guard run.state == .pending else {
            guard !run.step.isEmpty else { return "begins" }
            return "\(run.percent) % \(run.step)\(run.detail.isEmpty ? "" : ": \(run.detail)")"
        }
        let queue = try await training.queue()
        if let trainer = queue.trainer { return "waits; \(trainer) is busy, \(queue.waiting) waiting" }
        return waitedMs < Self.patienceMs ? "waits" : "waits; no trainer has taken it, is `freshet trainer` running?"
    }
}
