// What becomes of a trace: the header Server-Timing, and a line in the log for a request that took long.

import HTTPTypes
import Logging
import NIOCore
import Synchronization

extension HTTPField.Name {
    /// The header by which a browser's tools show where a response's time went. The text is a valid name, so the fallback
    /// is never taken.
    static let serverTiming = HTTPField.Name("Server-Timing") ?? .from
}

/// Turns traces into words.
struct RequestTiming: Sendable {
    private let showsHeader: Bool
    private let slowNanoseconds: Int64?
    private let limiter = LineLimiter()

    /// Nil if nobody wants to know.
    init?(_ telemetry: ServiceTelemetry) {
        guard telemetry.showsTiming || telemetry.slowRequestMs != nil else { return nil }
        showsHeader = telemetry.showsTiming
        slowNanoseconds = telemetry.slowRequestMs.map { Int64($0) * 1_000_000 }
    }

    /// The header's value, such as `redis;dur=0.412, blend;dur=0.031, total;dur=0.520`; nil if responses carry none.
    func header(_ trace: RequestTrace, _ duration: TimeAmount) -> String? {
        guard showsHeader else { return nil }
        var text = ""
        for phase in RequestTrace.Phase.allCases where trace.nanoseconds(phase) > 0 {
            text += "\(phase.rawValue);dur=\(Self.milliseconds(trace.nanoseconds(phase))), "
        }
        return text + "total;dur=\(Self.milliseconds(duration.nanoseconds))"
    }

    /// Logs a request that took long by its own doing; time that it asked to wait does not count.
    func noteIfSlow(
        _ trace: RequestTrace, _ duration: TimeAmount, route: String, method: String, status: Int, _ logger: Logger
    ) {
        guard let slowNanoseconds, duration.nanoseconds - trace.nanoseconds(.wait) >= slowNanoseconds,
            let unloggedCount = limiter.admit(second: NIODeadline.now().uptimeNanoseconds / 1_000_000_000)
        else { return }
        var metadata: Logger.Metadata = [
            "route": "\(route)", "method": "\(method)", "status": "\(status)",
            "total_ms": "\(Self.milliseconds(duration.nanoseconds))",
        ]
        for phase in RequestTrace.Phase.allCases {
            metadata["\(phase.rawValue)_ms"] = "\(Self.milliseconds(trace.nanoseconds(phase)))"
        }
        if unloggedCount > 0 { metadata["unlogged"] = "\(unloggedCount)" }
        logger.warning("slow request", metadata: metadata)
    }

    /// Milliseconds with three decimals.
    static func milliseconds(_ nanoseconds: Int64) -> String {
        let microseconds = max(0, nanoseconds) / 1000
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}

/// Lets a few lines a second through: when everything is slow, the log must not be what everything waits for.
final class LineLimiter: Sendable {
    static let linesPerSecondMax = 10

    private struct State {
        var second: UInt64 = 0
        var lineCount = 0
        var unloggedCount = 0
    }

    private let state = Mutex(State())

    /// How many lines were kept back since the last one that was let through; nil if this one is kept back, too.
    func admit(second: UInt64) -> Int? {
        state.withLock { state in
            if state.second != second { (state.second, state.lineCount) = (second, 0) }
            state.lineCount += 1
            guard state.lineCount <= Self.linesPerSecondMax else {
                state.unloggedCount += 1
                return nil
            }
            defer { state.unloggedCount = 0 }
            return state.unloggedCount
        }
    }
}
