// One event stream's way into the archive: read, gather, plan, write, commit. The plan in Redis decides once what a file
// holds, before anything is written; so a file that is written again, by whomever and however late, is the same file.

import Logging
import Loops
import Models
import Settings
import Stores
import Telemetry

/// Archives one stream while it holds the stream's lease.
struct PartitionArchiver: Sendable {
    /// Entries read at once.
    static let entriesPerReadMax = 500
    /// How long the files in hand may take to be written when a shutdown begins; what is not is left to the next start.
    static let flushMsMax = 10_000

    let partition: Int
    let progress: ArchiveProgressStore
    let files: EventArchiveStore
    let lease: Lease
    let settings: ArchiverSettings
    let metrics: ArchiverMetrics
    let logger: Logger

    private var limits: OpenFile.Limits {
        OpenFile.Limits(textBytesMax: settings.fileBytesMax, ageMsMax: settings.fileAgeMsMax)
    }

    /// Why a file is dropped: another archiver has the stream, or has moved on.
    private struct Superseded: Error {}

    /// Works until a graceful shutdown or a cancellation.
    func run() async {
        var backoff = Backoff()
        while Pacing.goesOn {
            do {
                if try await lease.take() { try await work { backoff.reset() } }
            } catch is Superseded {
                logger.debug("the archive moved on", metadata: ["stream": "\(partition)"])
            } catch {
                guard Pacing.goesOn else { break }
                metrics.errors.count(error)
                if backoff.isFirst {
                    logger.warning(
                        "the stream is not archived at present; nothing is lost, it waits in Redis",
                        metadata: ["stream": "\(partition)", "error": "\(error)"])
                }
                guard await Pacing.pause(milliseconds: backoff.nextMs()) else { break }
                continue
            }
            guard await Pacing.pause(milliseconds: settings.pollMs) else { break }
        }
        try? await lease.giveBack()
    }

    /// Archives file after file, until a shutdown begins.
    private func work(_ goesWell: () -> Void) async throws {
        while Pacing.goesOn {
            if let planned = try await progress.planned(partition) { try await complete(planned) }
            var file = OpenFile(
                partition: partition, behind: try await progress.position(partition), limits: limits)
            try await fill(&file, goesWell)
            guard let closed = file.file else { continue }
            guard Pacing.goesOn else { return try await flush(file, closed) }
            try await close(file, closed)
            goesWell()
        }
    }

    /// Reads into a file until it is due, or a shutdown begins.
    private func fill(_ file: inout OpenFile, _ goesWell: () -> Void) async throws {
        var extended = ContinuousClock.now
        while Pacing.goesOn {
            let entries = try await progress.entries(
                partition, after: file.readPosition, countMax: Self.entriesPerReadMax)
            if let first = entries.first, file.first == nil {
                file.knownEnd = try await files.file(spanning: first.id, partition: partition)?.last
            }
            goesWell()
            for entry in entries {
                guard file.takes(entry) else { return }
                file.append(entry)
            }
            if ContinuousClock.now - extended > .milliseconds(lease.durationMs / 3) {
                guard try await lease.extend() else { throw Superseded() }
                extended = .now
            }
            guard entries.count < Self.entriesPerReadMax else { continue }
            if file.isDue(nowMs: UTCTime.nowMs()) { return }
            guard await Pacing.pause(milliseconds: settings.pollMs) else { return }
        }
    }

    /// Plans, writes and commits a file; as often as it takes, since nothing else can be done before.
    private func close(_ file: OpenFile, _ closed: ArchivedFile) async throws {
        let bytes = file.finish()
        var backoff = Backoff()
        while true {
            do { return try await store(bytes, closed, behind: file.position) } catch let error as StoreError {
                guard Pacing.goesOn else { throw error }
                metrics.errors.count(error)
                if backoff.isFirst {
                    logger.warning(
                        "a file of the archive waits to be written",
                        metadata: ["file": "\(closed.name)", "error": "\(error)"])
                }
                guard await Pacing.pause(milliseconds: backoff.nextMs()) else { throw error }
                // A lease that ran out meanwhile does no harm: the plan holds for whoever has it now.
                _ = try? await lease.take()
            }
        }
    }

    private func store(_ bytes: [UInt8], _ closed: ArchivedFile, behind position: StreamID) async throws {
        guard let planned = try await progress.plan(closed, behind: position) else { throw Superseded() }
        guard planned == closed else {
            try await complete(planned)
            throw Superseded()
        }
        // A file of this name has these entries: it was written before a crash, or before Redis lost its last moment.
        if try await !files.contains(closed) { try await files.write(bytes, as: closed) }
        guard try await progress.commit(closed) else { throw Superseded() }
        metrics.noteCommitted(entries: closed.count, nowMs: UTCTime.nowMs())
        logger.info(
            "archived events",
            metadata: ["file": "\(closed.name)", "entries": "\(closed.count)", "bytes": "\(bytes.count)"])
    }

    /// Completes a file that somebody planned and may not have written.
    private func complete(_ planned: ArchivedFile) async throws {
        if try await !files.contains(planned) {
            guard let bytes = try await read(planned) else {
                logger.error(
                    "the entries of a planned file are not on the stream any more",
                    metadata: ["file": "\(planned.name)"])
                return try await progress.abandon(planned)
            }
            try await files.write(bytes, as: planned)
        }
        if try await progress.commit(planned) {
            metrics.noteCommitted(entries: planned.count, nowMs: UTCTime.nowMs())
        }
        logger.info("completed a file of the archive", metadata: ["file": "\(planned.name)"])
    }

    /// The bytes of a planned file; nil if the stream does not hold exactly its entries.
    private func read(_ planned: ArchivedFile) async throws -> [UInt8]? {
        var file = OpenFile(
            partition: partition, behind: .zero, limits: OpenFile.Limits(textBytesMax: .max, ageMsMax: .max))
        var next: StreamID? = planned.first
        while let id = next {
            let entries = try await progress.entries(of: planned, from: id, countMax: Self.entriesPerReadMax)
            for entry in entries { file.append(entry) }
            next = entries.count < Self.entriesPerReadMax ? nil : entries.last?.id.next
        }
        return file.file == planned ? file.finish() : nil
    }

    /// Writes the file in hand when a shutdown begins, unless that takes too long.
    private func flush(_ file: OpenFile, _ closed: ArchivedFile) async throws {
        let bytes = file.finish()
        let position = file.position
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await store(bytes, closed, behind: position) }
            group.addTask {
                try await Task.sleep(for: .milliseconds(Self.flushMsMax))
                throw StoreError(.unavailable, "the object store did not take it within \(Self.flushMsMax) ms")
            }
            defer { group.cancelAll() }
            do { try await group.next() } catch let error as StoreError {
                logger.warning(
                    "the last events are left to the next start; they wait in Redis",
                    metadata: ["file": "\(closed.name)", "error": "\(error)"])
            }
        }
    }
}
