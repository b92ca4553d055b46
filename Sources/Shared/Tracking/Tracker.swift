// What whoever trains does about MLflow: keep a record, which never waits for the server, and send what waits, which may be
// done later and by another process.

package import Logging
package import Settings
package import Stores
package import Telemetry

/// What waits for MLflow.
package struct TrackingStatus: Sendable {
    /// Records that will be sent, the oldest first.
    package let waiting: [TrackingSpool.Entry]
    /// Records that were refused for good.
    package let refused: [TrackingSpool.Entry]

    /// Their size with all files.
    package var bytes: Int { (waiting + refused).reduce(0) { $0 + $1.bytes } }

    init(_ entries: [TrackingSpool.Entry]) {
        waiting = entries.filter { !$0.isRefused }
        refused = entries.filter(\.isRefused)
    }
}

/// What a turn of sending came to.
package struct TrackingTurn: Sendable {
    /// Our names of the runs that were sent.
    package var sent: [String] = []
    /// Those that were refused for good, with the reason.
    package var refused: [(run: String, reason: String)] = []
    /// What the aliases say; empty if they said it before.
    package var aliases: [AliasState] = []
}

/// Keeps and sends records of training runs.
package final class Tracker: Sendable {
    let settings: MLflowSettings
    private let spool: TrackingSpool
    private let client: MLflowClient
    private let sender: RecordSender
    private let keeper: AliasKeeper
    private let metrics: TrackingMetrics
    private let logger: Logger
    private let memory = AliasMemory()
    /// Rings when a record was kept. One place: the spool is read to its end each time.
    let bells: AsyncStream<Void>
    let ring: AsyncStream<Void>.Continuation

    private var limits: TrackingSpool.Limits {
        TrackingSpool.Limits(recordsMax: settings.spoolRunsMax, bytesMax: settings.spoolMegabytesMax << 20)
    }

    /// - Parameters:
    ///   - stores: where records wait, and the models that aliases follow.
    ///   - metrics: where it counts.
    /// - Throws: ``MLflowFailure`` if the settings name no server.
    package init(
        _ settings: MLflowSettings, stores: TrainingStores, metrics: MetricsRegistry, logger: Logger
    ) throws(MLflowFailure) {
        self.settings = settings
        self.metrics = TrackingMetrics(metrics)
        self.logger = logger
        spool = stores.tracking
        client = try MLflowClient(settings)
        sender = RecordSender(client: client, experiment: settings.experiment, model: settings.model)
        keeper = AliasKeeper(client: client, model: settings.model, models: stores.models)
        (bells, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Keeps a record until it is sent; the server is not asked. The oldest give way if too many wait.
    /// - Throws: `StoreError` if the object store does not take it.
    package func keep(_ record: TrackingRecord, files: [(name: String, file: TrackingFile)], nowMs: Int64) async throws
    {
        do {
            try await spool.keep(try record.encoded(), of: record.run, atMs: nowMs, files: files)
        } catch {
            metrics.note(.lost)
            throw error
        }
        metrics.note(.spooled)
        await makeRoom(nowMs: nowMs)
        ring.yield()
    }

    /// What waits.
    package func status() async throws -> TrackingStatus {
        let status = TrackingStatus(try await spool.entries())
        metrics.show(status)
        return status
    }

    /// Lets what was refused be sent again.
    package func forgiveAll() async throws {
        for entry in try await status().refused { try await spool.forgive(entry) }
    }

    /// Why a record was refused.
    package func refusal(of entry: TrackingSpool.Entry) async throws -> String? { try await spool.refusal(of: entry) }

    /// Sends everything that waits, the oldest first, and has the aliases say which models are in use and waiting.
    ///
    /// - Parameters:
    ///   - lease: nobody else sends meanwhile; nil is returned if somebody does.
    ///   - isForced: Whether the aliases are looked at although nothing has changed.
    /// - Throws: ``MLflowFailure`` as soon as the server fails, `StoreError`, `CancellationError`. What was not sent waits.
    package func send(_ lease: Lease, nowMs: Int64, isForced: Bool = false) async throws -> TrackingTurn? {
        do {
            let turn = try await lease.holding { [self] in
                await makeRoom(nowMs: nowMs)
                var turn = try await sendWaiting()
                turn.aliases = try await moveAliases(isForced: isForced || !turn.sent.isEmpty)
                return turn
            }
            _ = try await status()
            return turn
        } catch {
            if error is MLflowFailure { metrics.noteFailure() }
            _ = try? await status()
            throw error
        }
    }

    /// Whether the server is there and takes our word; its version if it tells.
    package func check() async throws -> String? { try await client.check() }

    private func sendWaiting() async throws -> TrackingTurn {
        var turn = TrackingTurn()
        for entry in try await spool.entries() where !entry.isRefused {
            // Dropped or sent by somebody else in the meantime.
            guard let bytes = try await spool.record(of: entry) else { continue }
            do {
                let record = try TrackingRecord.decoded(bytes)
                try await sender.send(record) { try await spool.file($0, of: entry) }
                try await spool.remove(entry)
                metrics.note(.sent)
                turn.sent.append(record.run)
                logger.info("MLflow has a training run", metadata: ["run": "\(record.run)"])
            } catch let failure as MLflowFailure where failure.kind == .refused {
                try await spool.refuse(entry, reason: failure.message)
                metrics.note(.refused)
                turn.refused.append((entry.name, failure.message))
                logger.error(
                    "MLflow refuses a training run, which is put aside",
                    metadata: ["run": "\(entry.name)", "reason": "\(failure)"])
            }
        }
        return turn
    }

    private func moveAliases(isForced: Bool) async throws -> [AliasState] {
        let wanted = try await keeper.wanted()
        guard isForced || !memory.holds(wanted.map(\.model)) else { return [] }
        let states = try await keeper.apply(wanted)
        memory.keep(states.contains(where: \.isPending) ? nil : wanted.map(\.model))
        return states
    }

    private func makeRoom(nowMs: Int64) async {
        do {
            for entry in try await spool.makeRoom(limits, nowMs: nowMs) {
                metrics.note(.dropped)
                logger.error(
                    "a training run is not written down in MLflow: too many wait",
                    metadata: [
                        "run": "\(entry.name)", "runs_max": "\(limits.recordsMax)",
                        "megabytes_max": "\(settings.spoolMegabytesMax)",
                    ])
            }
        } catch {
            logger.warning("the spool of MLflow cannot be tidied", metadata: ["error": "\(error)"])
        }
    }
}
