// Sends what waits for MLflow, in the background of a process that trains: when something was kept, on a slow poll for what
// other processes left, and, after a failure, after growing pauses.

package import Logging
import Loops
import ServiceLifecycle
import Settings
package import Stores
import Telemetry

/// The tracker as a service.
package struct TrackingLoop: Service {
    /// The longest pause after failures.
    private static let pauseMsMax = 600_000

    private let tracker: Tracker
    private let lease: Lease
    private let logger: Logger

    /// - Parameter lease: one of this process among all that send.
    package init(_ tracker: Tracker, lease: Lease, logger: Logger) {
        self.tracker = tracker
        self.lease = lease
        self.logger = logger
    }

    /// Sends until a graceful shutdown; what was not sent waits for the next process.
    package func run() async {
        let pollMs = tracker.settings.pollMs
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                repeat { tracker.ring.yield() } while await Pacing.pause(milliseconds: pollMs)
                tracker.ring.finish()
            }
            group.addTask {
                var (failures, notBefore) = (0, ContinuousClock.now)
                for await _ in tracker.bells {
                    guard Pacing.goesOn else { break }
                    guard ContinuousClock.now >= notBefore else { continue }
                    if await turn(isFirstFailure: failures == 0) {
                        failures = 0
                    } else {
                        failures += 1
                        let pauseMs = min(pollMs << min(failures - 1, 10), max(Self.pauseMsMax, pollMs))
                        notBefore = .now + .milliseconds(pauseMs - pollMs / 2)
                    }
                }
            }
        }
    }

    /// Sends once; false if it failed. The first failure in a row is worth a line of the log.
    private func turn(isFirstFailure: Bool) async -> Bool {
        do {
            _ = try await cancelWhenGracefulShutdown { try await tracker.send(lease, nowMs: UTCTime.nowMs()) }
            return true
        } catch is CancellationError {
            return true
        } catch {
            let waiting = (try? await tracker.status())?.waiting.count
            logger.log(
                level: isFirstFailure ? .warning : .debug, "runs wait for MLflow",
                metadata: ["error": "\(error)", "waiting": "\(waiting.map { "\($0)" } ?? "unknown")"])
            return false
        }
    }
}
