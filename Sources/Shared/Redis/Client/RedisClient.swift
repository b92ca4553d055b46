// The client: a few connections shared by all commands, dedicated ones on demand. This file makes it and sends
// pipelines; `+Run` keeps the connections, `+Recovery` repeats what may be repeated, `+Dedicated` opens the others.

package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A Redis client. Nothing is connected until `run()` runs, as a service of the process; until then, and while the
/// server is away, commands wait for a connection until their deadline.
package final class RedisClient: RedisSending {
    /// What the client was made with.
    package let configuration: RedisConfiguration
    let connector: Connector
    let logger: Logger
    let functions: FunctionLoader
    let state = Mutex(ClientState())
    let eventLoopGroup: any EventLoopGroup
    /// Ends `run()`: finished by a graceful shutdown.
    let stopSignal = AsyncStream<Never>.makeStream()

    /// Makes a client that loads `libraries` into a server that lacks them. Throws `invalidConfiguration` when the TLS
    /// files cannot be used.
    package init(
        _ configuration: RedisConfiguration, libraries: [RedisFunctionLibrary] = [],
        logger: Logger = Logger(label: "freshet.redis"),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(RedisError) {
        self.configuration = configuration
        self.logger = logger
        self.eventLoopGroup = eventLoopGroup
        self.connector = try Connector(configuration: configuration, group: eventLoopGroup)
        self.functions = FunctionLoader(libraries: libraries)
    }

    /// The client's figures now.
    package var counters: RedisClientCounters {
        state.withLock { state in
            var counters = state.counters
            counters.connectionsReady = state.ready.count
            counters.commandsInFlight = state.ready.reduce(0) { $0 + $1.commandsInFlight }
            counters.waiters = state.waiterCount
            return counters
        }
    }

    package func execute(_ pipeline: EncodedPipeline, deadlineMs: Int?) async -> [RedisReply] {
        if pipeline.blockMs != nil {
            return pipeline.failed(
                RedisError(.misuse, "a blocking command would hold up all others: use withDedicatedConnection"))
        }
        let deadline = NIODeadline.now() + .milliseconds(Int64(deadlineMs ?? configuration.deadlineMs))
        let replies = await attempt(pipeline, deadline: deadline)
        guard replies.contains(where: \.wantsRecovery) else { return replies }
        return await recover(replies, of: pipeline, deadline: deadline)
    }

    /// Sends the pipeline once, on a ready connection or on the first to become ready.
    func attempt(_ pipeline: EncodedPipeline, deadline: NIODeadline) async -> [RedisReply] {
        let connection: RedisConnection
        if let ready = state.withLock({ $0.pick() }) {
            connection = ready
        } else {
            switch await waitForConnection(until: deadline) {
            case .success(let ready): connection = ready
            case .failure(let error): return pipeline.failed(error)
            }
        }
        let replies = await connection.submit(pipeline, deadline: deadline)
        // The next attempt must not pick a dead connection again before its keeper has noticed.
        if case .failure(let error)? = replies.first, error.code == .connectionLost {
            state.withLock { $0.remove(connection) }
        }
        return replies
    }

    private func waitForConnection(until deadline: NIODeadline) async -> Result<RedisConnection, RedisError> {
        let number: Int
        switch state.withLock({ $0.admitWaiter(countMax: configuration.waiterCountMax) }) {
        case .success(let admitted): number = admitted
        case .failure(let error): return .failure(error)
        }
        let timer = eventLoopGroup.any().scheduleTask(deadline: deadline) { self.expireWaiter(number) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let immediate: Result<RedisConnection, RedisError>? = state.withLock { state in
                    if Task.isCancelled { return .failure(Self.cancelled) }
                    if state.addWaiter(number, waiter) { return nil }
                    return state.pick().map { .success($0) } ?? .failure(ClientState.stopped)
                }
                if let immediate { waiter.resume(returning: immediate) }
            }
        } onCancel: {
            state.withLock { $0.takeWaiter(number) }?.resume(returning: .failure(Self.cancelled))
        }
    }

    private func expireWaiter(_ number: Int) {
        let (waiter, failure) = state.withLock { ($0.takeWaiter(number), $0.lastFailure) }
        waiter?.resume(
            returning: .failure(
                RedisError(.connectFailed, "no connection became ready before the deadline", cause: failure)))
    }

    private static let cancelled = RedisError(.cancelled, "the task was cancelled")
}

extension EncodedPipeline {
    /// Every command failed for the same reason, before anything was sent.
    func failed(_ error: RedisError) -> [RedisReply] {
        parts.map { .failure(error.forCommand($0.name, isIdempotent: $0.isIdempotent)) }
    }
}
