// After a switch: whether the answers became worse, by what the gateways have counted. If they have, the generation is taken back.

import Models
import Settings
import Stores

/// Watches what the loader made live.
struct SwitchWatch: Sendable {
    /// Standard deviations that a rise must be away from chance. Answers are looked at every few seconds, hundreds of times, so
    /// what one look in a thousand would show is not enough.
    private static let deviationsMin = 5.0

    let stores: RedisStores
    let settings: GateSettings
    let leaseToken: String

    /// A generation that was taken back.
    struct Withdrawal: Sendable {
        let generation: Int
        let release: String
        /// Which one is live now.
        let back: Int
        let reason: String
        /// In which ways its answers were poorer.
        let kinds: [AnswerTally.Kind]
    }

    /// One look; what was taken back, if anything was.
    /// - Throws: `StoreError`; a conflict if there is nothing to go back to, or another loader works.
    func look(nowMs: Int64) async throws -> Withdrawal? {
        guard settings.watchMs > 0, let active = try await stores.generations.active(),
            let info = try await stores.generations.info(active), let before = info.watchedAgainst,
            let activatedAtMs = info.activatedAtMs
        else { return nil }
        guard nowMs - activatedAtMs <= settings.watchMs else {
            // Who loads the same release once more does not begin the watch anew.
            try await stores.generationWriter.endWatch(active)
            return nil
        }
        let (old, new) = (try await stores.tallies.total(of: before), try await stores.tallies.total(of: active))
        let objections = Self.objections(old, new, settings)
        guard !objections.isEmpty else { return nil }
        let reason = objections.map(\.text).joined(separator: "; ")
        let report = try await stores.reports.report(of: info.release)
        // Who sent a release past the gate wants it whatever its answers are.
        if report?.decision == .approved, report?.decidedBy == ReleaseReport.pastTheGate { return nil }
        // Noted before it is done: a loader that dies in between leaves a watch that the next one carries on, while a
        // release that is withdrawn and not noted could be loaded again.
        if report?.decision != .withdrawn {
            try await stores.reports.note(.withdrawn, of: info.release, by: nil, reason: reason, nowMs: nowMs)
        }
        let back: Int?
        do {
            back = try await stores.generations.withdraw(
                active, reason: reason, leaseToken: leaseToken, nowMs: nowMs)
        } catch let error as StoreError where error.code == .conflict {
            if let report { try await stores.reports.save(report) }
            throw error
        }
        guard let back else {
            if let report { try await stores.reports.save(report) }
            return nil
        }
        return Withdrawal(
            generation: active, release: info.release, back: back, reason: reason, kinds: objections.map(\.kind))
    }

    /// What speaks against the answers of a generation, compared with those of the one before; empty if nothing does, or too
    /// little is known. The test is that of two proportions with a common variance (Fleiss, Levin, Paik, "Statistical methods for rates
    /// and proportions", 3rd ed., 2003, section 3.2).
    static func objections(
        _ old: AnswerTally, _ new: AnswerTally, _ settings: GateSettings
    ) -> [(kind: AnswerTally.Kind, text: String)] {
        guard min(old.answers, new.answers) >= settings.watchAnswersMin else { return [] }
        return AnswerTally.Kind.allCases.compactMap { kind in
            let (before, now) = (old.share(kind), new.share(kind))
            let together = Double(old[kind] + new[kind]) / Double(old.answers + new.answers)
            let variance = together * (1 - together) * (1 / Double(old.answers) + 1 / Double(new.answers))
            let rise = now - before
            guard rise > settings.poorAnswersRiseMax, rise * rise > deviationsMin * deviationsMin * variance else {
                return nil
            }
            return (
                kind,
                "\(percent(now)) of \(new.answers) answers \(kind.complaint), \(percent(before)) of \(old.answers) before "
                    + "the switch"
            )
        }
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}

extension AnswerTally {
    /// The share of answers that are poor in one way.
    fileprivate func share(_ kind: Kind) -> Double { Double(self[kind]) / Double(max(answers, 1)) }
}

extension AnswerTally.Kind {
    /// What is wrong, in words.
    fileprivate var complaint: String {
        switch self {
        case .short: "were shorter than asked for"
        case .padded: "were filled up with popular items"
        case .unlisted: "held nothing from an offline list"
        case .failed: "could not read the offline list"
        }
    }
}
