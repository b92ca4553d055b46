// Puts the live generation's similar items under the touches of users who were active lately. Until it has passed, the
// gateway fetches what is missing itself, at the price of a round trip; so the sweep may take its time and may fail.

import Logging
import Loops
import Models
import NIOCore
import Stores
import Telemetry

/// Re-derives online hashes after a switch, at a bounded pace.
struct OnlineSweep: Sendable {
    /// Users looked at in a second.
    static let usersPerSecondMax = 5000
    /// Users handled at the same time.
    static let usersAtOnceMax = 64
    /// The users who were active last come first: it is they who will ask next.
    static let latestCountMax = 10_000
    /// Users who become active behind the sweep move ahead of it; for so long they are followed.
    static let followMs: Int64 = 60_000

    let stores: RedisStores
    let live: LiveGeneration
    let activity: ActivityLog
    let logger: Logger

    /// Sweeps until all are done, another generation is live, or a shutdown begins. Redis may go away meanwhile.
    func run(_ generation: Int) async {
        let started = ContinuousClock.now
        do {
            let replacedCount = try await sweep(generation)
            logger.info(
                "online state re-derived",
                metadata: [
                    "generation": "\(generation)", "fields": "\(replacedCount)",
                    "duration": "\(ContinuousClock.now - started)",
                ])
        } catch is SweepEnd {
            logger.debug("sweep not needed any more", metadata: ["generation": "\(generation)"])
        } catch {
            logger.warning(
                "online state not re-derived", metadata: ["generation": "\(generation)", "error": "\(error)"])
        }
    }

    private func sweep(_ generation: Int) async throws -> Int {
        try await repeating(generation) { try await activity.flush() }
        let latest = try await repeating(generation) {
            try await stores.online.latestUsers(countMax: Self.latestCountMax)
        }
        var replacedCount = try await rederive(latest, generation)
        var pages = ActivePages(untilMs: UTCTime.nowMs() + Self.followMs)
        while let request = pages.next {
            let page = try await repeating(generation) {
                try await stores.online.activeUsers(after: request.afterMs, countMax: request.countMax)
            }
            replacedCount += try await rederive(pages.take(page), generation)
        }
        return replacedCount
    }

    /// Handles users in small groups, each of which takes at least the time that the pace gives it.
    private func rederive(_ users: [UserID], _ generation: Int) async throws -> Int {
        var replacedCount = 0
        var start = 0
        while start < users.count {
            let began = ContinuousClock.now
            let group = users[start..<min(start + Self.usersAtOnceMax, users.count)]
            replacedCount += try await repeating(generation) { try await rederiveAtOnce(group, generation) }
            start += group.count
            let paceMs = group.count * 1000 / Self.usersPerSecondMax
            let restMs = paceMs - Int((ContinuousClock.now - began) / .milliseconds(1))
            if restMs > 0, await !Pacing.pause(milliseconds: restMs) { throw SweepEnd.shutdown }
        }
        return replacedCount
    }

    private func rederiveAtOnce(_ users: ArraySlice<UserID>, _ generation: Int) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for user in users { group.addTask { try await rederive(user, generation) } }
            return try await group.reduce(0, +)
        }
    }

    private func rederive(_ user: UserID, _ generation: Int) async throws -> Int {
        do {
            let entries = try await stores.online.entries(of: user).filter { $0.generation != generation }
            guard !entries.isEmpty else { return 0 }
            let similar = try await stores.lists.similarText(entries.map(\.item), generation: generation)
            return try await stores.online.rederive(
                user, zip(entries, similar).map { ($0.rederived(generation: generation, similar: []), $1) })
        } catch let error as StoreError where error.blame == .entry {
            // One user's damaged key must not cost the others their new lists.
            return 0
        }
    }

    /// Repeats a step while Redis is away; ends the sweep when it has become pointless.
    private func repeating<Value>(_ generation: Int, _ step: () async throws -> Value) async throws -> Value {
        var backoff = Backoff()
        while true {
            guard live.current == generation else { throw SweepEnd.superseded }
            do { return try await step() } catch let error as StoreError
                where error.isRetriable || error.blame == .either
            {
                guard await Pacing.pause(milliseconds: backoff.nextMs()) else { throw SweepEnd.shutdown }
            }
        }
    }
}

/// Why a sweep ended before it was through.
enum SweepEnd: Error {
    case shutdown
    case superseded
}
