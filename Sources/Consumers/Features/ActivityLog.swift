// Which users were active, for the sweep after a generation switch. It is a hint, not state: a user who is missing
// here is put right by the gateway when asked for. So it is written once a second, and not before the acknowledgement.

import Logging
import Loops
import Models
import ServiceLifecycle
import Stores
import Synchronization
import Telemetry

/// Collects active users between two writes.
final class ActivityLog: Sendable {
    /// Users held while Redis is away; further ones are forgotten.
    static let userCountMax = 100_000

    private let online: OnlineStore
    private let users = Mutex<[UserID: Int64]>([:])

    init(_ online: OnlineStore) { self.online = online }

    /// These events' users were active when the events arrived.
    func note(_ settled: [SettledEvent]) {
        users.withLock { users in
            for one in settled {
                Self.merge(one.event.event.user, Int64(clamping: one.event.id.milliseconds), into: &users)
            }
        }
    }

    /// Writes what has been collected; on failure it is kept for the next time.
    func flush() async throws {
        let collected = users.withLock { users in
            defer { users = [:] }
            return users
        }
        do {
            try await online.markActive(collected, nowMs: UTCTime.nowMs())
        } catch {
            users.withLock { users in
                for (user, timeMs) in collected { Self.merge(user, timeMs, into: &users) }
            }
            throw error
        }
    }

    private static func merge(_ user: UserID, _ timeMs: Int64, into users: inout [UserID: Int64]) {
        if let known = users[user] {
            users[user] = max(known, timeMs)
        } else if users.count < userCountMax {
            users[user] = timeMs
        }
    }
}

/// Writes the activity log once a second, and a last time at the end.
struct ActivityWriter: Service {
    static let intervalMs = 1000

    let activity: ActivityLog
    let logger: Logger

    func run() async throws {
        var goesOn = true
        while goesOn {
            goesOn = await Pacing.pause(milliseconds: Self.intervalMs)
            do { try await activity.flush() } catch {
                logger.debug("active users wait to be written", metadata: ["error": "\(error)"])
            }
        }
    }
}
