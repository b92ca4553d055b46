// freshet workload: an open-loop load test. The schedule is made first; workers carry it out whatever the answers do; a
// clock cuts the test into intervals for the progress line and the picture.

/// How a running test is doing.
package struct WorkloadProgress: Sendable {
    /// Seconds since the start, and of the whole.
    package let atSeconds: Double
    package let durationSeconds: Double
    /// The newest interval.
    package let point: LoadPoint
    /// Sent so far, and failed so far.
    package let sent: Int
    package let errors: Int
    /// The median time from an event to an answer that shows it, in milliseconds; nil before the first.
    package let freshnessP50Ms: Double?

    /// One line for a terminal.
    package var line: String {
        var line =
            "\(Self.clock(atSeconds)) of \(Self.clock(durationSeconds))  \(Decimal.short(point.sentPerSecond))/s  "
            + "p50 \(Decimal.short(point.p50Ms)) ms  p99 \(Decimal.short(point.p99Ms)) ms"
        if let freshnessP50Ms { line += "  fresh \(Decimal.short(freshnessP50Ms)) ms" }
        return line + "  late \(Decimal.short(point.lateP99Ms)) ms  sent \(Decimal.grouped(sent))  errors \(errors)"
    }

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return whole < 3600
            ? "\(two(whole / 60)):\(two(whole % 60))"
            : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}

/// One load test.
package struct Workload: Sendable {
    /// The picture has at most so many points of time.
    private static let pointsMax = 600

    private let parameters: WorkloadParameters
    private let population: Population
    private let targets: LoadTargets
    private let feed: ArrivalFeed

    /// Plans the test.
    /// - Throws: ``WorkloadError`` for parameters that cannot be.
    package init(
        _ parameters: WorkloadParameters, population: Population, targets: LoadTargets
    ) throws(WorkloadError) {
        try parameters.validate()
        guard !population.rows.isEmpty else { throw WorkloadError("there is nobody to ask for") }
        self.parameters = parameters
        self.population = population
        self.targets = targets
        feed = ArrivalFeed(ArrivalSchedule(parameters))
    }

    /// The plan.
    package var schedule: ArrivalSchedule { feed.schedule }

    /// Ends the test early: what is under way is waited for, and what was measured is reported.
    package func stop() { feed.stop() }

    /// Carries the plan out.
    /// - Parameter progress: called about once a second.
    /// - Throws: ``WorkloadError`` if the system is not there when it begins.
    package func run(
        progress: @escaping @Sendable (WorkloadProgress) -> Void
    ) async throws -> WorkloadReport {
        try await targets.check()
        let recorder = LoadRecorder()
        // A moment for the workers to take their places, so that the first arrivals are not late.
        let start = ContinuousClock.now + .milliseconds(100)
        let intervalSeconds = max(1, (feed.schedule.durationSeconds / Double(Self.pointsMax)).rounded(.up))
        await withTaskGroup(of: Bool.self) { group in
            let workerCount = min(parameters.connections, feed.schedule.arrivals.count)
            for _ in 0..<workerCount {
                let worker = LoadWorker(
                    feed: feed, population: population, parameters: parameters, targets: targets,
                    recorder: recorder, start: start)
                group.addTask {
                    await worker.run()
                    return true
                }
            }
            group.addTask {
                await report(every: intervalSeconds, from: start, recorder, progress)
                return false
            }
            var running = workerCount
            while running > 0, let isWorker = await group.next() { if isWorker { running -= 1 } }
            group.cancelAll()
        }
        let elapsed = Self.seconds(ContinuousClock.now - start)
        let (total, points) = recorder.result()
        return WorkloadReport(
            total, points: points, parameters: parameters, schedule: feed.schedule, population: population.source,
            targets: targets, elapsedSeconds: max(0, elapsed), wasStopped: feed.hasStopped)
    }

    /// Cuts intervals until it is cancelled, and then the last one.
    private func report(
        every intervalSeconds: Double, from start: ContinuousClock.Instant, _ recorder: LoadRecorder,
        _ progress: @Sendable (WorkloadProgress) -> Void
    ) async {
        var count = 0.0
        var lastSeconds = 0.0
        while true {
            count += 1
            let next = start + .seconds(count * intervalSeconds)
            let isOver: Bool
            do {
                try await Task.sleep(until: next, tolerance: .zero, clock: .continuous)
                isOver = false
            } catch { isOver = true }
            let atSeconds = max(0, Self.seconds(ContinuousClock.now - start))
            let (total, point) = recorder.endInterval(
                atSeconds: atSeconds, lengthSeconds: atSeconds - lastSeconds)
            lastSeconds = atSeconds
            progress(
                WorkloadProgress(
                    atSeconds: atSeconds, durationSeconds: feed.schedule.durationSeconds, point: point,
                    sent: total.sent, errors: total.errorCount,
                    freshnessP50Ms: total.freshnessP50Ms))
            if isOver { return }
        }
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
