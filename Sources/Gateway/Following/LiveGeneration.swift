// Follows the pointer to the live generation: the bell on `generations`, a slow poll, and the key as the truth. The new
// generation's popular list is loaded first and the snapshot swapped in one step; while Redis is away the last one stays.

import Logging
import Models
import ServiceLifecycle
import Stores
import Synchronization
import Telemetry

/// Holds the snapshot that requests are answered from.
final class LiveGeneration: Service {
    /// How often the truth is read although no bell rang, in milliseconds.
    private static let pollMs = 2000

    private struct State {
        var snapshot = NewestRead<GenerationSnapshot>()
        /// What this instance said last: a generation, and when it became live. One that comes back is said anew.
        var acknowledged: (generation: GenerationIdentity, activatedAtMs: Int64?)?
        var isFailing = false
    }

    private let stores: RedisStores
    private let instance: String
    private let statistics: GatewayStatistics
    private let errors: ErrorCounters
    private let logger: Logger
    private let state = Mutex(State())

    init(
        stores: RedisStores, instance: String, statistics: GatewayStatistics, errors: ErrorCounters, logger: Logger
    ) {
        self.stores = stores
        self.instance = instance
        self.statistics = statistics
        self.errors = errors
        self.logger = logger
    }

    /// What requests are answered from; nil before the first generation.
    var snapshot: GenerationSnapshot? { state.withLock { $0.snapshot.value } }

    /// Follows the pointer and gives signs of life until shut down, then leaves the list of instances.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await self.stores.watch.follow(.generations, pollMs: Self.pollMs, self.logger) {
                        await self.refresh()
                    }
                }
                group.addTask { await self.beat() }
            }
        }
        // Others would only wait for this instance until its last sign of life is old, so a failure does no harm.
        try? await stores.instances.leave(instance)
    }

    /// Reads the pointer, takes a new generation in, and says so to whoever waits for it.
    func refresh() async {
        do {
            try await takeIn(read: state.withLock { $0.snapshot.begin() })
            let wasFailing = state.withLock { state in
                defer { state.isFailing = false }
                return state.isFailing
            }
            if wasFailing { logger.notice("the live generation can be read again") }
        } catch is CancellationError {
            return
        } catch {
            errors.count(error)
            let wasFailing = state.withLock { state in
                defer { state.isFailing = true }
                return state.isFailing
            }
            if !wasFailing {
                logger.warning("cannot read the live generation; the last one stays", metadata: ["error": "\(error)"])
            }
        }
    }

    private func takeIn(read number: Int) async throws {
        // No generation at all means that Redis came back empty: popular items of the last one are better than nothing.
        guard let active = try await stores.generations.active() else { return }
        let info = try await stores.generations.info(active)
        let identity = GenerationIdentity(generation: active, loadedAtMs: info?.fields["loaded_at_ms"])
        if identity != snapshot?.identity {
            let popular = try await stores.lists.popular(generation: active, category: nil)
            let snapshot = GenerationSnapshot(identity, popular: popular)
            let isApplied = state.withLock { $0.snapshot.apply(snapshot, read: number) }
            guard isApplied else { return }
            logger.info("generation \(active) is live", metadata: ["popular": "\(popular.count)"])
        }
        let due = (generation: identity, activatedAtMs: info?.activatedAtMs)
        if let said = state.withLock({ $0.acknowledged }), said == due { return }
        try await stores.instances.acknowledge(active, instance: instance, nowMs: UTCTime.nowMs())
        state.withLock { $0.acknowledged = due }
    }

    private func beat() async {
        var tally = GenerationTally()
        while !Task.isCancelled {
            // A missed sign of life is made good by the next one; the follower logs that Redis is away.
            try? await stores.instances.beat(instance, nowMs: UTCTime.nowMs())
            if let generation = snapshot?.generation,
                let counted = tally.note(statistics.tally, live: generation)
            {
                try? await stores.tallies.note(counted, of: generation, instance: instance)
            }
            try? await Task.sleep(for: .milliseconds(InstanceRegistry.heartbeatMs))
        }
    }
}
