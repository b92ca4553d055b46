// The proof that no key stays for ever: each ends by itself, or belongs to a generation that is known, or is one of a few
// that stay. Walks the key space at a bounded pace, so that it can be done on a live system.

import NIOCore
import Redis

/// What a walk over the key space found.
package struct KeyAudit: Sendable {
    /// Keys with a problem: how many, and some of them.
    package struct Found: Sendable {
        private static let examplesMax = 5
        package private(set) var count = 0
        package private(set) var examples: [String] = []

        mutating func add(_ key: String) {
            count += 1
            if examples.count < Self.examplesMax { examples.append(key) }
        }
    }

    /// Keys looked at, and keys there are.
    package internal(set) var scanned = 0
    package internal(set) var total = 0
    /// Whether all were looked at.
    package internal(set) var isWhole = false
    /// Keys without a TTL that are none of those that stay and belong to no generation.
    package internal(set) var endless = Found()
    /// Keys of generations that are not in the index, so that nobody will ever remove them.
    package internal(set) var orphaned = Found()
    /// Lists of each generation by kind: `offline`, `similar`, `popular`, `item`.
    package internal(set) var lists: [Int: [String: Int]] = [:]
}

extension RedisInspection {
    /// Walks the key space.
    /// - Parameters:
    ///   - keysMax: about how many keys are looked at; then the audit says that it is not whole.
    ///   - keysPerSecond: the pace.
    package func auditKeys(keysMax: Int, keysPerSecond: Int) async throws -> KeyAudit {
        let perPage = 500
        var audit = KeyAudit()
        audit.total = try await keyCount()
        let known = try await knownGenerations()
        var cursor = "0"
        repeat {
            let started = ContinuousClock.now
            let page = try await page(cursor, count: perPage)
            try await judge(page.keys, known: known, in: &audit)
            audit.scanned += page.keys.count
            cursor = page.cursor
            // SCAN looks at a page's worth of keys whether it returns them or not.
            let keys = max(page.keys.count, perPage)
            try await Task.sleep(until: started + .milliseconds(keys * 1000 / keysPerSecond))
        } while cursor != "0" && audit.scanned < keysMax
        audit.isWhole = cursor == "0"
        return audit
    }

    private func judge(_ keys: [String], known: Set<Int>, in audit: inout KeyAudit) async throws {
        var questionable: [String] = []
        for key in keys {
            if let (generation, kind) = Keys.generationAndKind(of: key) {
                audit.lists[generation, default: [:]][kind, default: 0] += 1
                if !known.contains(generation) { audit.orphaned.add(key) }
            } else if !Keys.stays(key) {
                questionable.append(key)
            }
        }
        for (key, isEndless) in zip(questionable, try await areEndless(questionable)) where isEndless {
            audit.endless.add(key)
        }
    }
}

extension Keys {
    /// The generation that a key belongs to and the kind of its list; nil for a key of none.
    static func generationAndKind(of key: String) -> (generation: Int, kind: String)? {
        let parts = key.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "gen", let generation = Int(parts[1]) else { return nil }
        return (generation, String(parts[2]))
    }

    /// Whether a key may stay for ever: there are few of these, and each is bounded.
    static func stays(_ key: String) -> Bool {
        let fixed = [
            events, quarantine, generationActive, generationPrevious, generationSequence, generationIndex,
            releasesLatest, releasesHandled, releasesReports, hidden, trainingPending, trainingActive, trainingRuns,
            trainingFence,
            trainingSchedule,
        ]
        if fixed.contains(key) { return true }
        // One for each stream.
        return [events, archivePlan].contains { key.hasPrefix("\($0):") && Int(key.dropFirst($0.count + 1)) != nil }
    }

    /// What the archive's plans have in common.
    private static var archivePlan: String { String(archivePlan(0).dropLast(2)) }
}
