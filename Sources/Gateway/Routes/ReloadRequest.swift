// Asking the loader for the newest release, and waiting until this gateway answers from it.

import Logging
import Stores
import Synchronization

/// One reload at a time: who asks while one is under way waits for that one.
final class ReloadRequest: Sendable {
    /// How long a reload may take, in milliseconds.
    private static let waitMaxMs = 30_000
    /// How often the outcome is looked at, in milliseconds.
    private static let pollMs = 20

    private let releases: ReleaseRequests
    private let logger: Logger
    /// The request that is under way.
    private let current = Mutex<String?>(nil)

    init(releases: ReleaseRequests, logger: Logger) {
        self.releases = releases
        self.logger = logger
    }

    /// Asks for the newest release; whether it became live here in time.
    func newest(seenBy live: LiveGeneration) async -> Bool {
        do {
            if let request = current.withLock({ $0 }) { return try await wait(for: request, live) }
            // The token makes it a new request, so that the loader takes it up although it has loaded the same before.
            let request = try await releases.request(
                ReleaseRequests.newest, token: String(UInt64.random(in: 0 ... .max), radix: 36))
            current.withLock { $0 = request }
            defer { current.withLock { $0 = nil } }
            return try await wait(for: request, live)
        } catch {
            logger.warning("the reload failed", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func wait(for request: String, _ live: LiveGeneration) async throws -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(Self.waitMaxMs)
        while ContinuousClock.now < deadline {
            if let outcome = try await releases.outcome(), outcome.request == request {
                guard let generation = outcome.generation, outcome.state == "loaded" else {
                    logger.warning("the release was refused", metadata: ["reason": "\(outcome.reason ?? "unknown")"])
                    return false
                }
                if live.snapshot?.generation == generation { return true }
                await live.refresh()
            }
            try await Task.sleep(for: .milliseconds(Self.pollMs))
        }
        logger.warning("the reload took longer than \(Self.waitMaxMs) ms", metadata: ["request": "\(request)"])
        return false
    }
}
