// Where all workers write down what they saw, and where the progress line reads it.

import Synchronization

/// The whole test's tally, and one of the current interval.
final class LoadRecorder: Sendable {
    private struct State {
        var total = LoadTally()
        var interval = LoadTally()
        var points: [LoadPoint] = []
    }

    private let state = Mutex(State())

    /// Notes something, in the whole and in the interval.
    func note(_ change: (inout LoadTally) -> Void) {
        state.withLock { state in
            change(&state.total)
            change(&state.interval)
        }
    }

    /// Ends an interval at `atSeconds` of the test.
    /// - Returns: the whole so far, and what the interval was.
    func endInterval(atSeconds: Double, lengthSeconds: Double) -> (total: LoadTally, point: LoadPoint) {
        state.withLock { state in
            let point = LoadPoint(state.interval, atSeconds: atSeconds, lengthSeconds: lengthSeconds)
            state.points.append(point)
            state.interval = LoadTally()
            return (state.total, point)
        }
    }

    /// Everything.
    func result() -> (total: LoadTally, points: [LoadPoint]) { state.withLock { ($0.total, $0.points) } }
}

/// One interval of the test.
package struct LoadPoint: Codable, Hashable, Sendable {
    /// When it ended, in seconds from the start.
    package let atSeconds: Double
    /// What was sent per second.
    package let sentPerSecond: Double
    /// Latency of recommendations, in milliseconds; 0 if there was none.
    package let p50Ms: Double
    package let p99Ms: Double
    /// 99 % of its arrivals were sent at most so late by the load test itself, in milliseconds.
    package let lateP99Ms: Double
    /// Failures.
    package let errors: Int

    init(_ tally: LoadTally, atSeconds: Double, lengthSeconds: Double) {
        self.atSeconds = atSeconds
        sentPerSecond = lengthSeconds > 0 ? Double(tally.sent) / lengthSeconds : 0
        p50Ms = tally.recommendations.milliseconds(50)
        p99Ms = tally.recommendations.milliseconds(99)
        lateP99Ms = tally.lateness.milliseconds(99)
        errors = tally.errorCount
    }

    private enum CodingKeys: String, CodingKey {
        case errors
        case atSeconds = "at_seconds"
        case sentPerSecond = "sent_per_second"
        case p50Ms = "p50_ms"
        case p99Ms = "p99_ms"
        case lateP99Ms = "late_p99_ms"
    }
}
