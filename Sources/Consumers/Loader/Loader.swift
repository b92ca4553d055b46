// The loader: hears that a release should be live, loads it, switches, and clears away what is old. The truth is the
// key releases:latest; the channel only says when to look.

import Logging
import Models
import ServiceLifecycle
package import Settings
package import Stores
package import Telemetry

/// Turns releases into live generations. Any number may run; one at a time works.
package struct Loader: Service {
    private let stores: RedisStores
    private let releases: ReleaseStore
    private let settings: LoaderSettings
    private let lease: Lease
    private let metrics: LoaderMetrics
    private let logger: Logger

    /// A loader; `instance` tells it apart from every other in the world, and `metrics` is where it counts.
    package init(
        stores: RedisStores, releases: ReleaseStore, settings: LoaderSettings, instance: String,
        metrics: MetricsRegistry = MetricsRegistry(role: "loader")
    ) {
        self.stores = stores
        self.releases = releases
        self.settings = settings
        self.metrics = LoaderMetrics(metrics, stores: stores)
        lease = stores.loaderLease(token: instance)
        logger = Logger(label: "loader")
    }

    /// Works until shut down. A load that is under way then is given up; the next loader clears it away.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await stores.watch.run(.releases, pollMs: settings.pollMs) { await step() }
        }
        try? await lease.giveBack()
    }

    /// One look at the truth, and what follows from it.
    private func step() async {
        do {
            try await settleFirstRelease()
            if let request = try await stores.releases.latest(),
                try await stores.releases.outcome()?.request != request
            {
                try await handle(request)
            }
            try await retire()
        } catch is CancellationError {
            return
        } catch {
            metrics.errors.count(error)
            // Whatever it was, the key still says what is wanted, and the next poll comes.
            logger.warning("will try again", metadata: ["error": "\(error)"])
        }
    }

    /// An empty Redis beside a store with releases: ask for the newest one.
    private func settleFirstRelease() async throws {
        guard try await stores.releases.latest() == nil, try await stores.generations.active() == nil,
            let newest = try await releases.names().last
        else { return }
        try await stores.releases.request(newest)
    }

    private func handle(_ request: String) async throws {
        guard try await lease.take() else { return }
        let parts = request.split(separator: " ", maxSplits: 1)
        do {
            let release = try await self.release(named: parts.first.map(String.init) ?? "")
            let generation: Int
            if parts.count == 1, let live = try await liveGeneration(of: release) {
                generation = live
            } else {
                let started = ContinuousClock.now
                generation = try await keepingLease { try await loading.load(release) }
                metrics.duration.record(Double((ContinuousClock.now - started) / .milliseconds(1)) / 1000)
                try await stores.generations.activate(
                    generation, kept: settings.generationsKept, nowMs: UTCTime.nowMs(), leaseToken: lease.token)
                logger.info("generation is live", metadata: ["generation": "\(generation)", "release": "\(release)"])
            }
            metrics.loaded.increment()
            try await record(request, state: "loaded", generation: generation, reason: nil)
        } catch let fault as ReleaseFault {
            try await refuse(request, fault.description)
        } catch let error as StoreError where Self.blamesRelease(error) {
            try await refuse(request, error.message)
        }
    }

    private func release(named name: String) async throws -> String {
        guard name == ReleaseRequests.newest else { return name }
        guard let newest = try await releases.names().last else {
            throw ReleaseFault("the object store holds no release; make one with freshet train run")
        }
        return newest
    }

    /// Whether a failure will be the same next time. A store that is away will be back, even where a single command must
    /// not be repeated; a lease that is lost is another loader's business.
    private static func blamesRelease(_ error: StoreError) -> Bool {
        switch error.code {
        case .unavailable, .conflict: false
        case .full: true
        case .refused, .notFound, .corrupted: !error.isRetriable
        }
    }

    private var loading: ReleaseLoading {
        ReleaseLoading(
            releases: releases, writer: stores.generationWriter, logger: logger, nowMs: { UTCTime.nowMs() })
    }

    private func liveGeneration(of release: String) async throws -> Int? {
        guard let active = try await stores.generations.active(),
            let info = try await stores.generations.info(active), info.state == "ready", info.release == release
        else { return nil }
        return active
    }

    private func refuse(_ request: String, _ reason: String) async throws {
        metrics.refused.increment()
        metrics.errors.count(.release)
        logger.error("refused a release", metadata: ["request": "\(request)", "reason": "\(reason)"])
        try await record(request, state: "refused", generation: nil, reason: reason)
    }

    private func record(_ request: String, state: String, generation: Int?, reason: String?) async throws {
        try await stores.releases.record(
            ReleaseOutcome(request: request, state: state, generation: generation, reason: reason),
            nowMs: UTCTime.nowMs())
    }

    private func retire() async throws {
        guard try await lease.take() else { return }
        let retirement = Retirement(
            generations: stores.generations, writer: stores.generationWriter,
            generationsKept: settings.generationsKept, graceMs: settings.retireGraceMs,
            keysPerSecond: settings.retireKeysPerSecond, logger: logger)
        try await keepingLease { try await retirement.run(nowMs: UTCTime.nowMs()) }
    }

    /// Runs `body` while extending the lease; if the lease is lost, `body` is cancelled, since somebody else works now.
    private func keepingLease<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let lease = lease
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while true {
                    try await Task.sleep(for: .milliseconds(lease.durationMs / 3))
                    guard try await lease.extend() else {
                        throw StoreError(.conflict, "another loader took the lease", isRetriable: true)
                    }
                }
            }
            defer { group.cancelAll() }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }
}
