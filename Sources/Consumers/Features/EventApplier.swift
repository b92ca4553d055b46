// What happens to every entry, however it was come by: read, similar items of the live generation, online state,
// acknowledgement, in that order. Redis may go away at any point; nothing is acknowledged that was not applied or put
// aside.

import Logging
import Loops
import Models
import NIOCore
import Settings
import Stores
import Telemetry

/// Applies entries to the online state.
struct EventApplier: Sendable {
    /// Entries handled in one pipeline; more are cut up, since Redis answers nobody else meanwhile.
    static let pipelineCountMax = 1024
    /// Attempts after which an error that may be the entry's own is taken for that. Redis refuses writes for reasons of
    /// its own, a full disk say; the attempts and the write to quarantine, which must succeed, tell the two apart.
    static let attemptCountMax = 5

    let stores: RedisStores
    let live: LiveGeneration
    let activity: ActivityLog
    let quality: QualityLog
    let statistics: FeaturesStatistics
    let reader: EventReader
    let settings: FeaturesSettings
    let logger: Logger

    /// Handles entries to the end, however often that takes; returns early only when a shutdown begins while Redis is
    /// away: the rest stays pending, and is claimed by whoever comes next.
    func settle(_ entries: [EventEntry]) async {
        var start = 0
        while start < entries.count {
            let end = min(start + Self.pipelineCountMax, entries.count)
            await settle(EntryBatch(Array(entries[start..<end]), reader: reader))
            start = end
        }
    }

    /// Handles one batch to the end.
    func settle(_ batch: EntryBatch) async {
        var batch = batch
        var backoff = Backoff()
        var attemptCount = 0
        while !batch.isEmpty {
            attemptCount += 1
            do {
                try await apply(&batch, isLastAttempt: attemptCount >= Self.attemptCountMax)
                try await acknowledge(&batch)
                try await putAside(&batch)
                if attemptCount > 1 { logger.info("events are applied again") }
            } catch {
                statistics.errors.count(error)
                if attemptCount == 1 { logger.warning("events wait to be applied", metadata: ["error": "\(error)"]) }
                guard await Pacing.pause(milliseconds: backoff.nextMs()) else { return }
            }
        }
    }

    private func apply(_ batch: inout EntryBatch, isLastAttempt: Bool) async throws {
        guard !batch.readable.isEmpty else { return }
        try await live.refreshIfUnknown()
        let generation = live.begin()
        defer { live.end(generation) }
        let readable = batch.readable
        let similar = try await similarTexts(of: readable, generation: generation)
        let updates = readable.map { one in
            OnlineUpdate(event: one.event, generation: generation, similar: similar[one.event.event.item])
        }
        let results = await stores.online.apply(
            updates, itemsMax: settings.onlineItemsMax, ttlSeconds: settings.onlineTTLSeconds, scoring: scoring)
        let (settled, error) = batch.settle(results, isLastAttempt: isLastAttempt)
        statistics.noteSettled(settled, nowMs: UTCTime.nowMs())
        activity.note(settled)
        quality.note(settled, generation: generation)
        if let error {
            // What was applied is not to wait for the rest.
            try await acknowledge(&batch)
            throw error
        }
    }

    /// Whose events are scored; nil if nobody's are.
    private var scoring: ListScoring? {
        guard settings.quality.isOn else { return nil }
        return ListScoring(sample: settings.quality.sample, listSeconds: settings.quality.listSeconds)
    }

    /// The lists of the batch's distinct items, in one round trip; an item without similar items is missing.
    private func similarTexts(
        of readable: [EntryBatch.Readable], generation: Int
    ) async throws -> [ItemID: ByteBuffer] {
        guard generation > 0 else { return [:] }
        var places: [ItemID: Int] = [:]
        var items: [ItemID] = []
        for one in readable where places.updateValue(items.count, forKey: one.event.event.item) == nil {
            items.append(one.event.event.item)
        }
        var texts: [ItemID: ByteBuffer] = [:]
        for (item, text) in zip(items, try await stores.lists.similarText(items, generation: generation)) {
            texts[item] = text
        }
        return texts
    }

    private func acknowledge(_ batch: inout EntryBatch) async throws {
        guard !batch.applied.isEmpty else { return }
        try await stores.events.acknowledge(batch.applied, group: .features)
        batch.acknowledged()
    }

    private func putAside(_ batch: inout EntryBatch) async throws {
        while let refused = batch.refused.first {
            let (entry, cutNote) = QuarantineLimits.cut(refused.entry)
            do {
                try await stores.events.quarantine(entry, group: .features, reason: refused.reason + cutNote)
            } catch {
                batch.reconsider()
                throw error
            }
            batch.putAside()
            statistics.noteQuarantined()
            logger.debug("entry put aside", metadata: ["id": "\(refused.entry.id)", "reason": "\(refused.reason)"])
        }
    }
}
