// Following a truth for as long as the process runs, whatever happens to the subscription meanwhile.

import Logging
import Stores

extension ChangeWatch {
    /// How long to wait before a subscription that failed is made again, in milliseconds.
    private static let pauseMs = 1000

    /// Calls `body` at once, and whenever the truth may have changed, until cancelled.
    func follow(
        _ topic: Topic, pollMs: Int, _ logger: Logger, _ body: @escaping @Sendable () async -> Void
    ) async {
        await body()
        while !Task.isCancelled {
            do { try await run(topic, pollMs: pollMs, body) } catch {
                logger.warning("cannot listen to \(topic.rawValue)", metadata: ["error": "\(error)"])
            }
            // Cancellation ends the pause, and then the loop.
            try? await Task.sleep(for: .milliseconds(Self.pauseMs))
        }
    }
}
