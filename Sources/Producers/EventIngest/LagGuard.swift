// Watches how far the features consumers are behind. Redis keeps what they have not read in memory, so producers are
// asked to wait before that is used up.

import Logging
import ServiceLifecycle
import Stores
import Synchronization

/// The loop that knows the lag.
struct LagGuard: Service {
    /// How often the lag is read.
    static let intervalMs = 1000
    /// How long Redis may take to tell it.
    static let deadlineMs = 1000
    /// What a producer that is refused is told to wait.
    static let retryAfterSeconds = 2

    /// What is known of the consumers.
    enum Lag: Sendable, Equatable {
        /// Redis has not been asked yet, or did not answer; events are tried all the same, since only the attempt
        /// counts.
        case unknown(String)
        /// No consumer has ever been here, so Redis keeps no count.
        case noGroup
        /// Entries that are not acknowledged, read or not.
        case entries(Int)
    }

    private final class Latest: Sendable {
        let lag = Mutex(Lag.unknown("not asked yet"))
    }

    let events: EventStreamStore
    let lagCountMax: Int
    let logger: Logger
    private let latest = Latest()

    init(events: EventStreamStore, lagCountMax: Int, logger: Logger) {
        self.events = events
        self.lagCountMax = lagCountMax
        self.logger = logger
    }

    /// The lag when it was read last.
    var lag: Lag { latest.lag.withLock { $0 } }

    /// Whether producers have to wait.
    var isBehind: Bool {
        if case .entries(let count) = lag { count > lagCountMax } else { false }
    }

    func run() async throws {
        var wasBehind = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await refresh()
            if isBehind != wasBehind {
                wasBehind.toggle()
                let metadata: Logger.Metadata = ["lag": "\(lag)", "limit": "\(lagCountMax)"]
                if wasBehind {
                    logger.warning("consumers are behind; events are refused", metadata: metadata)
                } else {
                    logger.info("consumers have caught up; events are taken again", metadata: metadata)
                }
            }
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(Self.intervalMs)) }
            } catch { return }
        }
    }

    /// Reads the lag now.
    func refresh() async {
        let lag: Lag
        do { lag = try await read() } catch { lag = .unknown("\(error)") }
        latest.lag.withLock { $0 = lag }
    }

    private func read() async throws -> Lag {
        do {
            let streams = try await events.progress(deadlineMs: Self.deadlineMs)
                .filter { $0.group == ConsumerGroup.features.rawValue }
            guard !streams.isEmpty else { return .noGroup }
            // Where Redis has lost count of what is unread, what is being worked on still says something.
            return .entries(streams.reduce(0) { $0 + $1.pending + ($1.lag ?? 0) })
        } catch let error as StoreError where error.code == .conflict {
            // There is no stream before its first entry.
            return .noGroup
        }
    }
}
