// Keeps the stream and its group tidy: entries that every group is done with and that are past the retention leave, and
// so do consumers that no longer exist.

import Logging
import Loops
import ServiceLifecycle
import Stores
import Telemetry

/// The loop that trims.
struct StreamKeeper: Service {
    static let intervalMs = 10_000
    /// A consumer silent for so long is gone: a living one reads twice a second. Long, because removing one that only
    /// slept would take the entries it is given meanwhile.
    static let consumerIdleMsMax = 3_600_000

    let events: EventStreamStore
    let retentionMs: Int64
    /// Groups that may not have come yet, and whose entries are kept all the same.
    let awaited: [ConsumerGroup]
    let logger: Logger

    func run() async throws {
        while await Pacing.pause(milliseconds: Self.intervalMs) {
            do { try await tidy(nowMs: UTCTime.nowMs()) } catch {
                logger.debug("the stream could not be trimmed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// One round.
    func tidy(nowMs: Int64) async throws {
        let trimmed = try await events.trim(retentionMs: retentionMs, nowMs: nowMs, awaited: awaited)
        let removed = try await events.removeSilentConsumers(group: .features, idleMs: Self.consumerIdleMsMax)
        if trimmed + removed > 0 {
            logger.debug("stream trimmed", metadata: ["entries": "\(trimmed)", "consumers": "\(removed)"])
        }
    }
}
