// What a loader or a person's command that died has left behind: a release that it had already decided on is not loaded a second time, since a
// person may have answered meanwhile; what it had not decided on gives its memory back.

import Models
import Stores

/// Looks at the generations of a loader that is gone. Only for whoever holds the lease.
struct LeftBehind: Sendable {
    let stores: RedisStores

    /// What was decided on a request and not recorded any more; nil if nothing was.
    func outcome(of request: String) async throws -> ReleaseOutcome? {
        // Whatever is newer would have been loaded for a newer request.
        guard let newest = try await stores.generations.all().last, newest.request == request else { return nil }
        func outcome(_ state: String, _ reason: String?) -> ReleaseOutcome {
            ReleaseOutcome(
                request: request, state: state, generation: state == "refused" ? nil : newest.generation, reason: reason
            )
        }
        switch newest.state {
        case "ready" where newest.activatedAtMs != nil:
            if let reason = newest.withdrawnReason { return outcome("refused", reason) }
            return outcome("loaded", nil)
        case "waiting", "refused":
            // The report is written after the state: without it the release is judged anew.
            guard let report = try await stores.reports.report(of: newest.release),
                report.new.generation == newest.generation
            else { return nil }
            return outcome(newest.state, report.whyNotLive)
        default: return nil
        }
    }

    /// Completes the report of the live release where whoever approved it could not write it any more.
    func completeReport() async throws {
        guard let active = try await stores.generations.active(),
            let info = try await stores.generations.info(active), let approvedBy = info.approvedBy,
            let report = try await stores.reports.report(of: info.release),
            report.decision == .waiting, report.new.generation == active
        else { return }
        try await stores.reports.note(
            .approved, of: info.release, by: approvedBy, nowMs: info.activatedAtMs ?? report.decidedAtMs)
    }

    /// Gives up what nobody has decided on.
    /// - Returns: Whether there was anything.
    func giveUp() async throws -> Bool {
        let active = try await stores.generations.active()
        var isAnything = false
        for info in try await stores.generations.all() where info.generation != active {
            guard info.state == "loading" || info.state == "ready" && info.activatedAtMs == nil else { continue }
            try await stores.generationWriter.refuse(info.generation)
            isAnything = true
        }
        return isAnything
    }
}

extension ReleaseReport {
    /// Why a release that waits or is kept out is not live, in a sentence.
    var whyNotLive: String {
        let why = reasons.joined(separator: "; ")
        if decision == .waiting { return why.isEmpty ? "releases wait for approval (RELEASE_APPROVAL)" : why }
        // A person's refusal needs no margins.
        return decidedBy == nil ? "release \(new.release) is outside of the margins: \(why)" : why
    }
}
