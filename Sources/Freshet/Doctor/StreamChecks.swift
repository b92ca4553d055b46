// Do events get through: are the groups there, do they keep up, is anything left lying?

import Models
import Stores

/// Judges the event streams.
enum StreamChecks {
    private static let lagWarning = 10_000
    private static let pendingAgeMsMax: Int64 = 60_000

    /// - Parameters:
    ///   - lagMax: where the ingest begins to refuse events.
    ///   - clockMs: Redis's clock, which stream ids come from.
    static func findings(_ groups: [GroupFacts], quarantined: Int, lagMax: Int, clockMs: Int64) -> [Finding] {
        var findings = groups.flatMap { finding($0, lagMax: lagMax, clockMs: clockMs) }
        findings.append(
            quarantined == 0
                ? .ok("events.quarantine", "empty")
                : .warning(
                    "events.quarantine", "\(quarantined) entries could not be applied",
                    "freshet quarantine shows them with their reasons"))
        return findings
    }

    private static func finding(_ facts: GroupFacts, lagMax: Int, clockMs: Int64) -> [Finding] {
        let name = facts.partition == 0 ? facts.group.rawValue : "\(facts.group.rawValue).\(facts.partition)"
        let role = facts.group == .features ? "features" : "archive"
        guard let progress = facts.progress else {
            guard facts.hasStream else { return [.ok("events.\(name)", "no event has come yet")] }
            let detail = "nobody has ever read the events as \(facts.group.rawValue)"
            let remedy = "start one: freshet \(role)"
            return [
                facts.group == .features
                    ? .failure("events.\(name)", detail, remedy) : .warning("events.\(name)", detail, remedy)
            ]
        }
        return [
            lag(progress, "events.\(name).lag", role: role, lagMax: lagMax),
            pending(progress, facts.oldestPending, "events.\(name).pending", role: role, clockMs: clockMs),
        ]
    }

    private static func lag(_ progress: GroupProgress, _ check: String, role: String, lagMax: Int) -> Finding {
        guard let lag = progress.lag else {
            return .ok(check, "unknown, since entries were deleted; read up to \(progress.lastDelivered)")
        }
        let remedy = "see that freshet \(role) runs, and start another one if it does"
        if lag > lagMax {
            return .failure(check, "\(lag) events wait; from \(lagMax) on the ingest refuses further ones", remedy)
        }
        return lag > lagWarning ? .warning(check, "\(lag) events wait", remedy) : .ok(check, "\(lag) events wait")
    }

    private static func pending(
        _ progress: GroupProgress, _ oldest: StreamID?, _ check: String, role: String, clockMs: Int64
    ) -> Finding {
        guard progress.pending > 0, let oldest else { return .ok(check, "none") }
        let ageMs = clockMs - Int64(clamping: oldest.milliseconds)
        guard ageMs > pendingAgeMsMax else { return .ok(check, "\(progress.pending), all recent") }
        return .warning(
            check, "\(progress.pending) events were handed out and not acknowledged, the oldest \(ageMs / 1000) s old",
            "see that freshet \(role) runs: it claims what others left, and puts aside what cannot be applied")
    }
}
