// The tasks' side of one connection: posts pipelines, waits for their replies, subscribes, closes.

import NIOCore
import ServiceLifecycle

/// One connection to the server. Commands of concurrent tasks share it in the order in which they are sent.
package final class RedisConnection: RedisSending {
    private let configuration: RedisConfiguration
    private let eventLoop: any EventLoop
    private let mailbox: Mailbox
    private let handler: NIOLoopBound<RedisChannelHandler>
    private let closed: EventLoopFuture<RedisError>
    /// Made once, so that waking the loop allocates nothing.
    private let sendPosted: @Sendable () -> Void

    /// On the event loop only.
    init(
        configuration: RedisConfiguration, eventLoop: any EventLoop, mailbox: Mailbox, handler: RedisChannelHandler,
        closed: EventLoopFuture<RedisError>
    ) {
        let bound = NIOLoopBound(handler, eventLoop: eventLoop)
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.mailbox = mailbox
        self.handler = bound
        self.closed = closed
        self.sendPosted = { bound.value.sendPosted() }
    }

    /// Whether the caller is on the connection's event loop, and so reaches it without a hop.
    var isOnEventLoop: Bool { eventLoop.inEventLoop }

    /// Commands sent and not yet answered.
    var commandsInFlight: Int { mailbox.commandsInFlight }

    package func execute(_ pipeline: EncodedPipeline, deadlineMs: Int?) async -> [RedisReply] {
        let limitMs = deadlineMs ?? configuration.deadlineMs
        guard let blockMs = pipeline.blockMs else {
            return await submit(pipeline, deadline: .now() + .milliseconds(Int64(limitMs)))
        }
        let deadline = NIODeadline.now() + .milliseconds(Int64(max(limitMs, blockMs + configuration.blockMarginMs)))
        return await withGracefulShutdownHandler {
            await submit(pipeline, deadline: deadline)
        } onGracefulShutdown: {
            self.close()
        }
    }

    /// Sends a pipeline and waits for its replies, until the deadline or cancellation.
    func submit(_ pipeline: EncodedPipeline, deadline: NIODeadline) async -> [RedisReply] {
        let batch = InFlightBatch(pipeline, deadline: deadline)
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                batch.setContinuation(continuation)
                switch mailbox.post(batch) {
                case .posted(let wakesLoop): if wakesLoop { eventLoop.execute(sendPosted) }
                case .refused(let error): batch.fail(error)
                }
            }
        } onCancel: {
            eventLoop.execute { self.handler.value.cancel(batch) }
        }
    }

    /// Subscribes to channels; from then on the connection takes no commands.
    func subscribe(_ channels: [String], sink: any PushSink) async throws(RedisError) {
        let refusal: RedisError? = await withCheckedContinuation { continuation in
            eventLoop.execute { continuation.resume(returning: self.handler.value.subscribe(channels, sink: sink)) }
        }
        if let refusal { throw refusal }
    }

    /// Takes no more commands and closes when those in flight are answered.
    func drain() {
        eventLoop.execute { self.handler.value.drain() }
    }

    /// Closes at once; what is in flight fails.
    package func close() {
        close(RedisChannelHandler.shutDown)
    }

    func close(_ reason: RedisError) {
        eventLoop.execute { self.handler.value.close(reason) }
    }

    /// Waits until the connection is closed and tells why.
    func waitUntilClosed() async -> RedisError {
        do {
            return try await closed.get()
        } catch {
            return RedisError(.connectionLost, "the event loop ended", cause: error)
        }
    }
}

/// Takes what a subscribed connection receives. Called on the event loop.
protocol PushSink: Sendable {
    /// A message or a confirmation. False when there is no room for it, which closes the connection.
    func push(_ reply: RESPValue) -> Bool
    /// The connection is closed.
    func finish()
}
