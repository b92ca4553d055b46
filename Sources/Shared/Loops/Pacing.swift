// How the loops of a role wait: never longer than a shutdown allows, and after failures with growing random pauses.

import ServiceLifecycle

/// Waiting, and when to stop.
package enum Pacing {
    /// Whether a loop goes on: neither a graceful shutdown nor a cancellation has begun.
    package static var goesOn: Bool { !Task.isShuttingDownGracefully && !Task.isCancelled }

    /// Waits, but not into a shutdown; whether the loop goes on.
    package static func pause(milliseconds: Int) async -> Bool {
        guard goesOn else { return false }
        do {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(milliseconds)) }
        } catch {
            // Sleeping fails only because the wait is over.
            return false
        }
        return goesOn
    }
}

/// Pauses between attempts: their range doubles with every failure up to a limit, and the pause is drawn from the whole
/// range, so that instances which failed together do not come back together.
package struct Backoff: Sendable {
    /// The range of the first pause.
    package static let rangeMsMin = 50
    /// The range that is never exceeded.
    package static let rangeMsMax = 2000

    private var rangeMs = Backoff.rangeMsMin

    package init() {}

    /// Whether the next pause is the first since things went well: the one failure in a row that is worth a log line.
    package var isFirst: Bool { rangeMs == Self.rangeMsMin }

    /// The pause after one more failure.
    package mutating func nextMs() -> Int {
        defer { rangeMs = min(rangeMs * 2, Self.rangeMsMax) }
        return Int.random(in: 1...rangeMs)
    }

    /// Things went well.
    package mutating func reset() { rangeMs = Self.rangeMsMin }
}
