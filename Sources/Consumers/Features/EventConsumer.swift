// Reads new entries of the event stream and has them applied, batch by batch.

import Logging
import Loops
import Models
import ServiceLifecycle
import Stores
import Telemetry

/// The loop from the stream to the online state.
struct EventConsumer: Service {
    /// How long a read waits for entries. A shutdown breaks it off; entries that Redis hands out at that very moment
    /// stay pending and are claimed by another consumer, or by this one's successor.
    static let blockMs = 1000

    let events: EventStreamStore
    let applier: EventApplier
    let consumer: String
    let batchCountMax: Int
    let logger: Logger

    func run() async throws {
        var backoff = Backoff()
        while Pacing.goesOn {
            do {
                // Again after every failure: Redis may have come back without the stream.
                try await events.createGroup(.features)
                try await events.withReader(group: .features, consumer: consumer) { reader in
                    while Pacing.goesOn {
                        let entries = try await reader.read(countMax: batchCountMax, blockMs: Self.blockMs)
                        if !backoff.isFirst { logger.info("the event stream is read again") }
                        backoff.reset()
                        guard !entries.isEmpty else { continue }
                        applier.statistics.noteRead(entries.count, isClaimed: false)
                        await applier.settle(entries)
                    }
                }
            } catch {
                guard Pacing.goesOn else { return }
                applier.statistics.errors.count(error)
                if backoff.isFirst {
                    logger.warning("the event stream cannot be read", metadata: ["error": "\(error)"])
                }
                guard await Pacing.pause(milliseconds: backoff.nextMs()) else { return }
            }
        }
    }
}
