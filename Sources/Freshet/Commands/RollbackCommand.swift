// Moves the pointer back. Nothing is loaded, so it takes as long as a message does.

import ArgumentParser
import Stores
import Telemetry

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to the generation that was live before, at once.")

    @Flag(help: "Wait until every instance serves it, and say which one does not.") var wait = false
    @Option(help: "How long to wait, in seconds.") var timeoutSeconds = 60

    func run() async throws {
        let context = try await OperatorContext.load()
        let (wait, timeoutSeconds) = (wait, timeoutSeconds)
        try await context.withRedis { stores in
            let startedMs = UTCTime.nowMs()
            let generation = try await stores.generations.rollBack(nowMs: startedMs)
            print("generation \(generation) is live")
            guard wait else { return }
            try await ReloadWaiter(stores: stores, startedMs: startedMs, timeoutSeconds: timeoutSeconds)
                .waitForInstances(generation)
        }
    }
}
