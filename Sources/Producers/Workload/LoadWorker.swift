// One connection's worth of load: takes the next arrival, waits until it is due, sends it, waits for the answer. While it
// waits, others take what is due; when all wait, arrivals become late, and their latency says so.

import Models
import NIOCore
import Stores
import Synchronization
import WebClient

/// The next arrival for whoever is free, and whether the test goes on.
final class ArrivalFeed: Sendable {
    let schedule: ArrivalSchedule
    private let next = Atomic(0)
    private let isStopped = Atomic(false)

    init(_ schedule: ArrivalSchedule) { self.schedule = schedule }

    /// The next one; nil when all are taken or the test was stopped.
    func take() -> Arrival? {
        guard !hasStopped else { return nil }
        let index = next.add(1, ordering: .relaxed).oldValue
        return index < schedule.arrivals.count ? schedule.arrivals[index] : nil
    }

    /// Nothing more is handed out.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    var hasStopped: Bool { isStopped.load(ordering: .relaxed) }
}

/// Sends arrivals, one at a time.
struct LoadWorker: Sendable {
    /// How soon a stop is heard while waiting for something to become due.
    private static let longestSleep = Duration.milliseconds(200)

    let feed: ArrivalFeed
    let population: Population
    let parameters: WorkloadParameters
    let targets: LoadTargets
    let recorder: LoadRecorder
    let start: ContinuousClock.Instant

    func run() async {
        var connections = LoadConnections(targets: targets, timeoutMs: Int64(parameters.timeoutMs))
        let end = start + .seconds(feed.schedule.durationSeconds + parameters.overtimeSeconds)
        var freeSince = start
        while let arrival = feed.take() {
            let due = start + .nanoseconds(arrival.dueNs)
            guard await wait(until: due) else { break }
            let sent = ContinuousClock.now
            guard sent < end else {
                recorder.note { tally in
                    tally.unsent += 1
                    tally.fail("not sent in time")
                }
                continue
            }
            recorder.note { $0.lateness.record(sent - max(due, freeSince)) }
            await perform(arrival, due: due, &connections)
            freeSince = .now
        }
        await connections.close()
    }

    /// False if the test was stopped meanwhile.
    private func wait(until due: ContinuousClock.Instant) async -> Bool {
        while true {
            let now = ContinuousClock.now
            if feed.hasStopped { return false }
            guard now < due else { return true }
            do {
                try await Task.sleep(until: min(due, now + Self.longestSleep), tolerance: .zero, clock: .continuous)
            } catch { return false }
        }
    }

    private func perform(
        _ arrival: Arrival, due: ContinuousClock.Instant, _ connections: inout LoadConnections
    ) async {
        let row = population.row(arrival.pick)
        guard arrival.kind != .recommendations else {
            recorder.note { $0.requestsSent += 1 }
            return await ask(row.user, after: nil, due: due, &connections)
        }
        recorder.note { $0.eventsSent += 1 }
        do {
            let id = try await connections.write(row)
            let latency = ContinuousClock.now - due
            recorder.note { $0.events.record(latency) }
            guard arrival.kind == .eventReadBack else { return }
            recorder.note { $0.readsBackSent += 1 }
            await ask(row.user, after: id, due: due, &connections)
        } catch { fail(error) }
    }

    private func ask(
        _ user: UserID, after id: String?, due: ContinuousClock.Instant, _ connections: inout LoadConnections
    ) async {
        var path = "/v1/recommendations/\(user)?k=\(parameters.places)"
        if let id { path += "&after=\(id)&wait_ms=\(parameters.freshnessWaitMs)" }
        do {
            let answer = try await connections.ask(path)
            let latency = ContinuousClock.now - due
            let glance = AnswerGlance(answer)
            recorder.note { tally in
                tally.note(glance)
                if id == nil {
                    tally.recommendations.record(latency)
                } else if glance.isStale {
                    tally.fail("event not shown within \(parameters.freshnessWaitMs) ms")
                } else {
                    tally.freshness.record(latency)
                }
            }
        } catch { fail(error) }
    }

    private func fail(_ error: any Error) {
        let kind =
            switch error {
            case let error as LoadFailure: error.kind
            case let error as WebClientError: error.code.rawValue
            case let error as StoreError: "redis \(error.code.rawValue)"
            default: "other"
            }
        recorder.note { $0.fail(kind) }
    }
}
