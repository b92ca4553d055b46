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
            try await LeftBehind(stores: stores).completeReport()
            try await watchAnswers()
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
        let leftBehind = LeftBehind(stores: stores)
        if let outcome = try await leftBehind.outcome(of: request) { return try await record(outcome) }
        let parts = request.split(separator: " ", maxSplits: 1)
        do {
            let release = try await self.release(named: parts.first.map(String.init) ?? "")
            if parts.count == 1, let live = try await liveGeneration(of: release) {
                metrics.loaded.increment()
                return try await record(
                    ReleaseOutcome(request: request, state: "loaded", generation: live, reason: nil))
            }
            let isUngated = parts.count == 2 && parts[1].hasPrefix(ReleaseRequests.ungatedToken)
            if !isUngated, let bar = try await bar(release) { return try await refuse(request, bar) }
            // What is given up may hold the memory that the release needs.
            if try await leftBehind.giveUp() { try await retire() }
            try await decide(try await load(release, for: request), request: request, isUngated: isUngated)
        } catch let fault as ReleaseFault {
            try await refuse(request, fault.description)
        } catch let error as StoreError where Self.blamesRelease(error) {
            try await refuse(request, error.message)
        }
    }

    /// Why a release is not loaded once more, however often it is asked for: it was kept out or taken back, and no person
    /// has wanted it since. A request that is delivered twice, or a wish for the newest, must not undo that.
    private func bar(_ release: String) async throws -> String? {
        guard let report = try await stores.reports.report(of: release),
            report.decision == .refused || report.decision == .withdrawn
        else { return nil }
        return "release \(release) was \(report.decision.rawValue) before: \(report.reasons.joined(separator: "; ")). "
            + "`freshet reload --release \(release) --ungated` loads it past the gate"
    }

    /// Loads a release beside the live one; its report, with nothing decided yet.
    private func load(_ release: String, for request: String) async throws -> ReleaseReport {
        let started = ContinuousClock.now
        let live = try await liveLists()
        let (_, report) = try await keepingLease { try await loading.load(release, for: request, besides: live) }
        metrics.duration.record(Double((ContinuousClock.now - started) / .milliseconds(1)) / 1000)
        return report
    }

    /// What becomes of a release that is loaded: it is made live, waits for a person, or is kept out.
    private func decide(_ loaded: ReleaseReport, request: String, isUngated: Bool) async throws {
        var report = loaded
        let gate = ReleaseGate(settings.gate)
        let objections = gate.objections(to: report)
        metrics.count(objections)
        report.reasons = objections.map(\.text)
        report.decision = isUngated ? .approved : gate.decision(objections, isFirst: report.live == nil)
        report.decidedBy = isUngated ? ReleaseReport.pastTheGate : nil
        report.decidedAtMs = UTCTime.nowMs()
        let generation = report.new.generation
        // The generation's state first: a loader that dies in between leaves nothing that its number could make live.
        if report.decision == .waiting { try await stores.generations.hold(generation, leaseToken: lease.token) }
        if report.decision == .refused { try await stores.generationWriter.refuse(generation) }
        try await stores.reports.save(report)
        switch report.decision {
        case .passed, .approved, .withdrawn:
            try await stores.generations.activate(
                generation, kept: settings.generationsKept, nowMs: UTCTime.nowMs(), leaseToken: lease.token)
            logger.info(
                "generation is live", metadata: ["generation": "\(generation)", "release": "\(report.new.release)"])
            metrics.loaded.increment()
            try await record(ReleaseOutcome(request: request, state: "loaded", generation: generation, reason: nil))
        case .waiting:
            metrics.waiting.increment()
            logger.notice(
                "a release waits for `freshet release approve`",
                metadata: [
                    "release": "\(report.new.release)", "generation": "\(generation)",
                    "reason": "\(report.whyNotLive)",
                ])
            try await record(
                ReleaseOutcome(
                    request: request, state: "waiting", generation: generation, reason: report.whyNotLive))
        case .refused:
            try await refuse(request, report.whyNotLive)
        }
    }

    /// The live release, as far as it is known; nil if there is none.
    private func liveLists() async throws -> ReleaseReport.Lists? {
        guard let active = try await stores.generations.active(), let info = try await stores.generations.info(active)
        else { return nil }
        if let known = try await stores.reports.report(of: info.release)?.new {
            var lists = known
            lists.generation = active
            return lists
        }
        func count(_ field: String) -> Int { info.fields[field].flatMap { Int($0) } ?? 0 }
        return ReleaseReport.Lists(
            release: info.release, generation: active, users: count("offline") - count("offline_empty"),
            emptyLists: count("offline_empty"), shortLists: 0, itemsCovered: 0,
            itemsWithSimilar: count("similar") - count("similar_empty"), ndcg: nil)
    }

    /// Takes the live generation back if answers have become worse since the loader made it live.
    private func watchAnswers() async throws {
        let watch = SwitchWatch(stores: stores, settings: settings.gate, leaseToken: lease.token)
        guard try await lease.take(), let withdrawal = try await watch.look(nowMs: UTCTime.nowMs()) else { return }
        metrics.count(withdrawnFor: withdrawal.kinds)
        logger.error(
            "took a generation back",
            metadata: [
                "generation": "\(withdrawal.generation)", "release": "\(withdrawal.release)",
                "live": "\(withdrawal.back)", "reason": "\(withdrawal.reason)",
            ])
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
            releases: releases, writer: stores.generationWriter, lists: stores.lists, logger: logger,
            nowMs: { UTCTime.nowMs() })
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
        try await record(ReleaseOutcome(request: request, state: "refused", generation: nil, reason: reason))
    }

    private func record(_ outcome: ReleaseOutcome) async throws {
        try await stores.releases.record(outcome, nowMs: UTCTime.nowMs())
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
