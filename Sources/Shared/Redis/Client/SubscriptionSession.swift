// One reader's subscription between its calls of `next`: its connection, the messages waiting, the pause it owes.

import NIOCore
import ServiceLifecycle
import Synchronization

final class SubscriptionSession {
    let control = SubscriptionControl()
    private let client: RedisClient
    private let channels: [String]
    private var backoff: Backoff
    private var owesPause = false
    private var connectedAt = NIODeadline.now()
    private var connection: RedisConnection?
    private var messages: AsyncStream<SubscriptionMessage>.Iterator?

    init(client: RedisClient, channels: [String]) {
        self.client = client
        self.channels = channels
        self.backoff = Backoff(
            baseMs: client.configuration.backoffMsBase, maxMs: client.configuration.backoffMsMax)
    }

    deinit {
        if let connection { client.closeDedicated(connection) }
    }

    /// The next event; nil at the end.
    func next() async -> RedisSubscription.Event? {
        guard !hasEnded else { return nil }
        if let connection { return await nextMessage(connection) }
        if owesPause {
            let pauseMs = backoff.nextMs()
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(pauseMs)) }
            } catch { return nil }
        }
        owesPause = true
        do throws(RedisError) {
            try await connect()
            connectedAt = .now()
            return .connected
        } catch {
            return hasEnded ? nil : .disconnected(error)
        }
    }

    private var hasEnded: Bool { Task.isCancelled || control.isStopped || client.isStopped }

    private func nextMessage(_ connection: RedisConnection) async -> RedisSubscription.Event? {
        switch await messages?.next(isolation: #isolation) {
        case .message(let channel, let payload): return .message(channel: channel, payload: payload)
        case .refused(let error): return await disconnect(connection, error)
        case .confirmed, nil: return await disconnect(connection, nil)
        }
    }

    private func disconnect(_ connection: RedisConnection, _ reason: RedisError?) async -> RedisSubscription.Event? {
        self.connection = nil
        messages = nil
        backoff.connectionEnded(after: .now() - connectedAt)
        client.closeDedicated(connection)
        control.use(nil)
        let closeReason = await connection.waitUntilClosed()
        return hasEnded ? nil : .disconnected(reason ?? closeReason)
    }

    /// Messages before the last confirmation are dropped: the reader has yet to be told to read the truth.
    private func awaitConfirmations(
        of connection: RedisConnection, in messages: inout AsyncStream<SubscriptionMessage>.Iterator
    ) async throws(RedisError) {
        var missing = channels.count
        while missing > 0 {
            switch await messages.next(isolation: #isolation) {
            case .confirmed: missing -= 1
            case .message: continue
            case .refused(let error): throw error
            case nil:
                // The stream also ends when the task is cancelled; the connection is of no use then.
                connection.close()
                throw await connection.waitUntilClosed()
            }
        }
    }

    private func connect() async throws(RedisError) {
        let connection = try await client.openDedicated()
        control.use(connection)
        let sink = MessageSink(countMax: client.configuration.subscriptionMessageCountMax)
        var messages = sink.stream.makeAsyncIterator()
        do throws(RedisError) {
            try await connection.subscribe(channels, sink: sink)
            try await awaitConfirmations(of: connection, in: &messages)
        } catch {
            control.use(nil)
            client.closeDedicated(connection)
            throw error
        }
        self.connection = connection
        self.messages = messages
    }
}

/// What a subscribed connection hears.
private enum SubscriptionMessage: Sendable {
    case confirmed
    case refused(RedisError)
    case message(channel: String, payload: ByteBuffer)
}

/// Decodes what arrives on the event loop and keeps it for the reader, up to a bound.
private struct MessageSink: PushSink {
    let stream: AsyncStream<SubscriptionMessage>
    private let continuation: AsyncStream<SubscriptionMessage>.Continuation

    init(countMax: Int) {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(countMax))
    }

    func push(_ reply: RESPValue) -> Bool {
        guard let message = Self.message(reply) else { return true }
        if case .dropped = continuation.yield(message) { return false }
        return true
    }

    func finish() { continuation.finish() }

    /// Nil for what is of no interest, the answers to heartbeats.
    private static func message(_ reply: RESPValue) -> SubscriptionMessage? {
        if case .error(let text) = reply {
            return .refused(RedisError(serverMessage: text, commandName: "SUBSCRIBE", isIdempotent: true))
        }
        guard case .array(let parts) = reply, parts.count == 3, case .bulk(let kind) = parts[0],
            case .bulk(let channel) = parts[1]
        else { return nil }
        if kind.readableBytesView.elementsEqual("subscribe".utf8) { return .confirmed }
        guard kind.readableBytesView.elementsEqual("message".utf8), case .bulk(let payload) = parts[2] else {
            return nil
        }
        return .message(channel: String(buffer: channel), payload: payload)
    }
}

/// What a shutdown reaches from outside the reader's task: it ends the connection.
final class SubscriptionControl: Sendable {
    private struct State {
        var isStopped = false
        var connection: RedisConnection?
    }

    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Notes the connection in use; closes it at once when a stop came first.
    func use(_ connection: RedisConnection?) {
        let isStopped = state.withLock { state in
            state.connection = connection
            return state.isStopped
        }
        if isStopped { connection?.close() }
    }

    func stop() {
        let connection = state.withLock { state in
            state.isStopped = true
            return state.connection
        }
        connection?.close()
    }
}
