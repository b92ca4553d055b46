// Asks the loader for a release, and waits for it if told to.

import ArgumentParser
import Models
import Stores
import Telemetry

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Make the newest release in the object store live, or the one named.")

    @Option(help: "The release to load; without it the newest.") var release: String?
    @Flag(help: "Load it again although it is live.") var force = false
    @Flag(help: "Load it past the gate: whatever it changes, it becomes live.") var ungated = false
    @Flag(help: "Wait until every instance serves it, and say which one does not.") var wait = false
    @Option(help: "How long to wait, in seconds.") var timeoutSeconds = 300

    func run() async throws {
        let context = try await OperatorContext.load()
        let (releases, _) = try context.objects()
        let wanted: String
        if let release {
            _ = try await releases.manifest(of: release)
            wanted = release
        } else if let newest = try await releases.names().last {
            wanted = newest
        } else {
            throw ValidationError(
                "The object store holds no release. Make one with `freshet train run`.")
        }
        let (force, ungated, wait, timeoutSeconds) = (force, ungated, wait, timeoutSeconds)
        try await context.withRedis { stores in
            let startedMs = UTCTime.nowMs()
            // A token makes the request a new one, so that there is an outcome of its own to wait for: also where the same
            // release was loaded last, and somebody has gone back since.
            let last = try await stores.releases.outcome()
            let active = try await stores.generations.active()
            let isStillSo = last?.state == "loaded" && last?.generation == active
            let isRepeated = force || last != nil && !isStillSo
            let token =
                ungated ? "\(ReleaseRequests.ungatedToken)-\(startedMs)" : isRepeated ? "\(startedMs)" : nil
            let request = try await stores.releases.request(wanted, token: token)
            print("asked for release \(wanted)")
            guard wait else { return }
            let waiter = ReloadWaiter(stores: stores, startedMs: startedMs, timeoutSeconds: timeoutSeconds)
            let generation = try await waiter.waitForOutcome(of: request)
            try await waiter.waitForInstances(generation)
        }
    }
}
