// Asks for runs when the schedule says so. Every trainer does; the mark in Redis lets one of them through. What was
// missed while no trainer lived is made up once, however often it was missed.

import Logging
import Loops
import Models
import Stores
import Telemetry

/// The loop that looks at the clock.
struct ScheduleLoop: Sendable {
    let queue: TrainingQueue
    let schedule: CronSchedule
    let pollMs: Int
    let logger: Logger

    func run() async {
        if let nextMs = schedule.next(afterMs: UTCTime.nowMs()) {
            logger.info(
                "training is scheduled",
                metadata: ["schedule": "\(schedule), UTC", "next": "\(UTCTime.text(milliseconds: nextMs))"])
        }
        var seenMs: Int64?
        repeat {
            let nowMs = UTCTime.nowMs()
            guard let dueMs = schedule.latest(atOrBeforeMs: nowMs), dueMs != seenMs else { continue }
            do {
                if let ticket = try await queue.scheduled(atMs: dueMs, nowMs: nowMs) {
                    logger.info(
                        "asked for training",
                        metadata: ["run": "\(ticket.run)", "due": "\(UTCTime.text(milliseconds: dueMs))"])
                }
                seenMs = dueMs
            } catch {
                logger.debug("the schedule waits for Redis", metadata: ["error": "\(error)"])
            }
        } while await Pacing.pause(milliseconds: pollMs)
    }
}
