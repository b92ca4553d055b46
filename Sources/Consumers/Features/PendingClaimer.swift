// Takes over entries that some consumer was given and never acknowledged, because it died or hangs. An entry that was
// handed out again and again is put aside: it may be what the consumers die of.

import Logging
import Loops
import Models
import ServiceLifecycle
import Stores
import Telemetry

/// The loop that leaves no entry pending.
struct PendingClaimer: Service {
    let events: EventStreamStore
    let applier: EventApplier
    let consumer: String
    let idleMs: Int
    let deliveriesMax: Int
    let batchCountMax: Int
    let logger: Logger

    /// Often enough that an entry waits little longer than `idleMs`.
    private var intervalMs: Int { max(50, idleMs / 4) }

    func run() async throws {
        var isFailing = false
        while await Pacing.pause(milliseconds: intervalMs) {
            do {
                while try await claimOnce() >= batchCountMax, Pacing.goesOn {}
                isFailing = false
            } catch {
                guard Pacing.goesOn else { return }
                applier.statistics.errors.count(error)
                if !isFailing { logger.warning("pending entries cannot be claimed", metadata: ["error": "\(error)"]) }
                isFailing = true
            }
        }
    }

    /// Claims and handles one batch; how many entries it held.
    func claimOnce() async throws -> Int {
        let entries = try await events.claim(
            group: .features, consumer: consumer, idleMs: idleMs, countMax: batchCountMax)
        guard !entries.isEmpty else { return 0 }
        logger.info("pending entries taken over", metadata: ["count": "\(entries.count)"])
        applier.statistics.noteRead(entries.count, isClaimed: true)
        let counts = try await events.deliveryCounts(entries, group: .features)
        var usable: [EventEntry] = []
        var spent: [EntryBatch.Refused] = []
        for (entry, count) in zip(entries, counts) {
            if count > deliveriesMax {
                spent.append(.init(entry: entry, reason: "delivered \(count) times without being applied"))
            } else {
                usable.append(entry)
            }
        }
        await applier.settle(EntryBatch(refused: spent))
        await applier.settle(usable)
        return entries.count
    }
}
