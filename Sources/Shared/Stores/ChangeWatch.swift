// The doorbell and the truth, in one sequence: something may have changed, read the key again.

package import Redis

/// Why a watcher should read the truth again.
package enum ChangeCause: String, Sendable {
    /// The subscription has begun, or begun again: messages may have been missed.
    case connected
    /// Somebody rang.
    case message
}

/// Subscribes to the channels and says when a truth is worth reading again. A slow poll beside it is the caller's part.
package struct ChangeWatch: Sendable {
    /// What can be listened to.
    package enum Topic: String, Sendable {
        case generations, releases, hidden, training
        var channel: String {
            switch self {
            case .generations: Channels.generations
            case .releases: Channels.releases
            case .hidden: Channels.hidden
            case .training: Channels.trainingRequests
            }
        }
    }

    private let client: RedisClient

    package init(client: RedisClient) { self.client = client }

    /// Calls `body` at every (re)connection and every message on `topic`, and after `pollMs` without either, until cancelled
    /// or shut down. Calls do not overlap, and bells that ring during one call lead to one more call only.
    package func run(_ topic: Topic, pollMs: Int, _ body: @escaping @Sendable () async -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (bells, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                for try await event in client.subscribe([topic.channel]) {
                    switch event {
                    case .connected, .message: ring.yield()
                    case .disconnected: continue
                    }
                }
                ring.finish()
            }
            group.addTask {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(pollMs))
                    ring.yield()
                }
            }
            group.addTask {
                for await _ in bells { await body() }
                // The subscription ended, so the poll has nobody to ring for.
                throw CancellationError()
            }
            defer { group.cancelAll() }
            do { while try await group.next() != nil {} } catch is CancellationError {}
        }
    }
}
