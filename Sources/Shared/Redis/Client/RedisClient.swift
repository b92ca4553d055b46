// The client: a few connections shared by all commands, dedicated ones on demand. This file makes it and sends
// pipelines; `+Run` keeps the connections, `+Recovery` repeats what may be repeated, `+Dedicated` opens the others.

package import CoreMetrics
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
    private let meters: RedisMeters?
    let state = Mutex(ClientState())
    /// Calls that wait for a connection to become ready.
    let waitingRoom: WaitingRoom<Result<Void, RedisError>>
    /// Ends `run()`: finished by a graceful shutdown.
    let stopSignal = AsyncStream<Never>.makeStream()

    /// Makes a client that loads `libraries` into a server that lacks them and measures with what `metrics` makes. Throws
    /// `invalidConfiguration` when the TLS files cannot be used.
    package init(
        _ configuration: RedisConfiguration, libraries: [RedisFunctionLibrary] = [],
        metrics: (any MetricsFactory)? = nil, logger: Logger = Logger(label: "freshet.redis"),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(RedisError) {
        self.configuration = configuration
        self.logger = logger
        self.meters = metrics.map { RedisMeters($0) }
        self.waitingRoom = WaitingRoom(countMax: configuration.waiterCountMax, eventLoopGroup: eventLoopGroup)
        self.connector = try Connector(configuration: configuration, group: eventLoopGroup)
        self.functions = FunctionLoader(
            libraries: libraries, waiterCountMax: configuration.waiterCountMax, eventLoopGroup: eventLoopGroup)
    }

    /// The client's figures now.
    package var counters: RedisClientCounters {
        var (counters, ready) = state.withLock { ($0.counters, $0.ready) }
        counters.connectionsReady = ready.count
        counters.commandsInFlight = ready.reduce(0) { $0 + $1.commandsInFlight }
        // Not under the state's lock, which a waiting caller takes while it holds the waiting room's.
        counters.waiters = waitingRoom.count
        return counters
    }

    /// Why the last attempt to connect failed; nil once one has succeeded again.
    package var lastConnectFailure: RedisError? { state.withLock { $0.lastFailure } }

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
        switch await connection(until: deadline) {
        case .success(let connection): return await submit(pipeline, to: connection, deadline: deadline)
        case .failure(let error): return pipeline.failed(error)
        }
    }

    private func submit(
        _ pipeline: EncodedPipeline, to connection: RedisConnection, deadline: NIODeadline
    ) async -> [RedisReply] {
        let start = NIODeadline.now()
        let replies = await connection.submit(pipeline, deadline: deadline)
        meters?.noteRoundTrip(since: start)
        // The next attempt must not pick a dead connection again before its keeper has noticed.
        if case .failure(let error)? = replies.first, error.code == .connectionLost {
            state.withLock { $0.remove(connection) }
        }
        return replies
    }

    private func connection(until deadline: NIODeadline) async -> Result<RedisConnection, RedisError> {
        while true {
            if let ready = state.withLock({ $0.pick() }) { return .success(ready) }
            if let refusal = await waitForConnection(until: deadline) { return .failure(refusal) }
        }
    }

    /// Waits until a connection is ready; returns why there is none.
    private func waitForConnection(until deadline: NIODeadline) async -> RedisError? {
        let outcome = await waitingRoom.wait(until: deadline) {
            state.withLock { $0.isStopped ? .failure(ClientState.stopped) : $0.ready.isEmpty ? nil : .success(()) }
        }
        switch outcome {
        case .released(.success): return nil
        case .released(.failure(let error)): return error
        case .cancelled: return RedisError(.cancelled, "the task was cancelled")
        case .late:
            return RedisError(
                .connectFailed, "no connection became ready before the deadline", cause: lastConnectFailure)
        case .full:
            return RedisError(
                .overloaded, "\(configuration.waiterCountMax) callers already wait for a connection",
                cause: lastConnectFailure)
        }
    }
}

extension EncodedPipeline {
    /// Every command failed for the same reason, before anything was sent.
    func failed(_ error: RedisError) -> [RedisReply] {
        parts.map { .failure(error.forCommand($0.name, isIdempotent: $0.isIdempotent)) }
    }
}
