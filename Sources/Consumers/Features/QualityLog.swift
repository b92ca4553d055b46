// What events said about the lists before them, collected in memory and added to the day's counts in Redis once a second: the
// counts of all users stand elsewhere than a user's own state, so no one step could change both. A consumer that is killed
// loses what it had not added yet, a second's worth; nothing is ever added twice.

import Logging
import Loops
import Models
import Ranking
import ServiceLifecycle
import Stores
import Synchronization
import Telemetry

/// Collects scores between two writes.
final class QualityLog: Sendable {
    private let store: QualityStore
    private let statistics: QualityStatistics
    /// By day of the event.
    private let tallies = Mutex<[String: QualityTally]>([:])

    init(_ store: QualityStore, statistics: QualityStatistics) {
        self.store = store
        self.statistics = statistics
    }

    /// Takes in what became of events.
    /// - Parameter generation: the live one.
    func note(_ settled: [SettledEvent], generation: Int) {
        guard settled.contains(where: { $0.score != nil }) else { return }
        for one in settled { if let score = one.score { statistics.note(score, generation: generation) } }
        tallies.withLock { tallies in
            for one in settled {
                guard case .scored(let score) = one.score else { continue }
                let day = QualityStore.day(ofMs: Int64(clamping: one.event.id.milliseconds))
                tallies[day, default: QualityTally()].add(score, bucket: UserBucket.of(one.event.event.user))
            }
        }
    }

    /// Adds what has been collected. What Redis certainly did not take is kept for the next time; what it may have taken is
    /// not added again.
    func flush() async throws {
        let collected = tallies.withLock { tallies in
            defer { tallies = [:] }
            return tallies
        }
        var failure: (any Error)?
        for (day, tally) in collected {
            do { try await store.add(tally, day: day) } catch {
                failure = error
                if (error as? StoreError)?.isRetriable == true {
                    tallies.withLock { $0[day, default: QualityTally()] += tally }
                } else {
                    statistics.noteLost(tally.groups.values.reduce(0) { $0 + $1.events })
                }
            }
        }
        if let failure { throw failure }
    }
}

/// Adds the quality log to the day's counts once a second, and a last time at the end.
struct QualityWriter: Service {
    static let intervalMs = 1000

    let quality: QualityLog
    let logger: Logger

    func run() async throws {
        var goesOn = true
        while goesOn {
            goesOn = await Pacing.pause(milliseconds: Self.intervalMs)
            do { try await quality.flush() } catch {
                logger.debug("live quality cannot be written", metadata: ["error": "\(error)"])
            }
        }
    }
}
