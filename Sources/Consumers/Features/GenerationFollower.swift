// Follows the pointer to the live generation. When it moves, new events use the new generation first, then this
// instance says so, then the online state of users who were active lately is re-derived.

import Logging
import Loops
import ServiceLifecycle
import Stores
import Telemetry

/// The loop that hears of generations.
struct GenerationFollower: Service {
    /// How often the pointer is read although no bell rang.
    static let pollMs = 2000
    /// How long batches with the previous generation are waited for. One that takes longer waits for Redis, and will
    /// take the new generation with its next attempt.
    static let drainMsMax = 5000

    let stores: RedisStores
    let live: LiveGeneration
    let sweep: OnlineSweep
    let instance: String
    let logger: Logger

    func run() async throws {
        // One place: a sweep that has not begun is pointless once there is a newer generation.
        let (switches, switched) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while Pacing.goesOn {
                    do {
                        try await stores.watch.run(.generations, pollMs: Self.pollMs) {
                            await follow { switched.yield($0) }
                        }
                    } catch {
                        logger.debug("the generations channel is away", metadata: ["error": "\(error)"])
                    }
                    guard await Pacing.pause(milliseconds: Backoff.rangeMsMin) else { break }
                }
                switched.finish()
            }
            group.addTask {
                for await generation in switches { await sweep.run(generation) }
            }
        }
    }

    /// Reads the pointer and does what follows from it.
    private func follow(onSwitch: @Sendable (Int) -> Void) async {
        do {
            try await live.refresh()
            guard let due = live.unacknowledged else { return }
            let generation = due.generation
            await drain()
            try await stores.instances.acknowledge(generation, instance: instance, nowMs: UTCTime.nowMs())
            live.noteAcknowledged(due)
            logger.info("new events use a new generation", metadata: ["generation": "\(generation)"])
            onSwitch(generation)
        } catch {
            // The acknowledgement stays due until the next bell or poll.
            logger.debug("the live generation is not known", metadata: ["error": "\(error)"])
        }
    }

    private func drain() async {
        let deadline = ContinuousClock.now + .milliseconds(Self.drainMsMax)
        while !live.isAlone, ContinuousClock.now < deadline, await Pacing.pause(milliseconds: 1) {}
    }
}
