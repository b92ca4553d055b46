// The event loop's side of one connection: performs the state machine's actions on the channel, matches replies with
// the batches in flight, and keeps the deadlines. Confined to the event loop, like the pipeline it is part of.

import NIOCore

final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let configuration: RedisConfiguration
    private let mailbox: Mailbox
    private let reader: RESPReader
    private let readyPromise: EventLoopPromise<Void>
    private let closedPromise: EventLoopPromise<RedisError>
    private var machine = ConnectionStateMachine()
    private var inFlight = CircularBuffer<InFlightBatch>(initialCapacity: 64)
    private var context: ChannelHandlerContext?
    private var deadlines = DeadlineTimer()
    private var heartbeat: Scheduled<Void>?
    private var hasReadSinceHeartbeat = true
    private var heartbeatSentAt: NIODeadline?
    private var lastReadAt = NIODeadline.now()
    private var pushSink: (any PushSink)?

    /// Both promises are fulfilled on every path: `closed` always, with the reason; `ready` before it or with it.
    init(
        configuration: RedisConfiguration, mailbox: Mailbox, ready: EventLoopPromise<Void>,
        closed: EventLoopPromise<RedisError>
    ) throws(RedisError) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.reader = try RESPReader(limits: configuration.limits)
        self.readyPromise = ready
        self.closedPromise = closed
    }

    // MARK: What the channel reports

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Given up while the socket was being connected.
        if machine.closeReason != nil { return context.close(promise: nil) }
        if context.channel.isActive { greet() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        close(RedisError(.connectionLost, "the connection was taken down"))
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        greet()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(RedisError(.connectionLost, "the server closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(RedisError(.connectionLost, "the connection broke", cause: error))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastReadAt = .now()
        hasReadSinceHeartbeat = true
        heartbeatSentAt = nil
        do throws(RedisError) {
            try reader.read(unwrapInboundIn(data)) { reply in replied(reply) }
        } catch {
            close(error)
        }
    }

    // MARK: The greeting

    private func greet() {
        let steps = machine.connected(greeting: configuration.greeting)
        guard !steps.isEmpty else { return }
        var builder = EncodedPipeline.Builder(commandCount: steps.count)
        for step in steps { builder.append(configuration.command(for: step)) }
        write([builder.finish().bytes])
    }

    private func becomeReady() {
        readyPromise.succeed(())
        scheduleHeartbeat()
    }

    private func scheduleHeartbeat() {
        let period = TimeAmount.milliseconds(Int64(configuration.heartbeatMs))
        heartbeat = context?.eventLoop.assumeIsolated().scheduleTask(in: period) { [weak self] in self?.beat() }
    }

    // MARK: Replies

    private func replied(_ reply: RESPValue) {
        switch machine.replied(reply, isAwaited: !inFlight.isEmpty) {
        case .deliver: deliver(reply)
        case .push:
            if pushSink?.push(reply) == false {
                close(RedisError(.overloaded, "the subscriber reads too slowly and was disconnected"))
            }
        case .becomeReady: becomeReady()
        case .close(let reason): close(reason)
        case .awaitGreeting, .ignore: break
        }
    }

    private func deliver(_ reply: RESPValue) {
        guard let batch = inFlight.first else { return }
        // Settled before its caller is resumed, who may look at the figures.
        if batch.owedCount == 1 {
            inFlight.removeFirst()
            settle(batch)
        }
        batch.receive(reply)
        if inFlight.isEmpty, machine.hasDrained() { close(Self.shutDown) }
    }

    private func settle(_ batch: InFlightBatch) {
        if batch.isHeartbeat { return }
        mailbox.settled(commands: batch.pipeline.parts.count, bytes: batch.pipeline.bytes.readableBytes)
    }

    // MARK: Commands

    /// Writes everything that was posted since the last turn.
    func sendPosted() {
        let (batches, chunks) = mailbox.collect()
        guard !batches.isEmpty else { return }
        if let reason = machine.closeReason { return refuse(batches, reason) }
        for batch in batches {
            batch.isAdmitted = true
            inFlight.append(batch)
            if batch.isCancelledEarly { batch.fail(Self.cancelled) }
            expect(by: batch.deadline)
        }
        write(chunks)
    }

    /// The bytes of these batches never left.
    private func refuse(_ batches: [InFlightBatch], _ reason: RedisError) {
        for batch in batches {
            batch.isAdmitted = true
            settle(batch)
            batch.fail(reason)
        }
    }

    private func write(_ chunks: [ByteBuffer]) {
        guard let context else { return }
        for chunk in chunks { context.write(wrapOutboundOut(chunk), promise: nil) }
        context.flush()
    }

    /// The task that waits for the batch was cancelled. A blocking command would go on taking entries for nobody, so
    /// its connection is closed.
    func cancel(_ batch: InFlightBatch) {
        guard batch.isAdmitted else {
            batch.isCancelledEarly = true
            return
        }
        guard batch.isAwaited else { return }
        batch.fail(Self.cancelled.afterSending())
        if batch.pipeline.blockMs != nil { close(Self.cancelled) }
    }

    // MARK: Subscriptions

    /// Turns the connection into one for messages. Returns why that is refused, nil when it is done.
    func subscribe(_ channels: [String], sink: any PushSink) -> RedisError? {
        if let refusal = machine.subscribe(hasInFlight: inFlight.contains { !$0.isHeartbeat }) { return refusal }
        // The answer to a heartbeat under way is of no interest to the sink and dropped there.
        inFlight.removeAll()
        mailbox.refuseFurther(RedisError(.misuse, "the connection is used for a subscription"))
        pushSink = sink
        write([EncodedPipeline(RawCommand("SUBSCRIBE", channels.map { .string($0) })).bytes])
        return nil
    }

    // MARK: Time

    private var silenceMax: TimeAmount { .milliseconds(Int64(configuration.silenceMsMax)) }

    private func expect(by deadline: NIODeadline) {
        guard let context else { return }
        deadlines.wake(by: deadline, on: context.eventLoop.assumeIsolated()) { [weak self] in self?.checkDeadlines() }
    }

    private func checkDeadlines() {
        deadlines.fired()
        let now = NIODeadline.now()
        var next: NIODeadline?
        for batch in inFlight where batch.isAwaited {
            if batch.deadline <= now {
                batch.fail(Self.late.afterSending())
            } else {
                next = min(next ?? batch.deadline, batch.deadline)
            }
        }
        if let oldest = inFlight.first {
            let silentAt = max(oldest.deadline, lastReadAt) + silenceMax
            if silentAt <= now { return close(Self.silent) }
            next = min(next ?? silentAt, silentAt)
        }
        // Not more often than every millisecond, however many deadlines there are.
        if let next { expect(by: max(next, now + .milliseconds(1))) }
    }

    private func beat() {
        defer {
            hasReadSinceHeartbeat = false
            if machine.closeReason == nil { scheduleHeartbeat() }
        }
        guard inFlight.isEmpty, !hasReadSinceHeartbeat, machine.isReady || machine.isSubscribed else { return }
        let now = NIODeadline.now()
        if let heartbeatSentAt {
            if now - heartbeatSentAt >= silenceMax { close(Self.silent) }
            return
        }
        heartbeatSentAt = now
        let ping = InFlightBatch(EncodedPipeline(PING()), deadline: now, isHeartbeat: true)
        if machine.isReady {
            inFlight.append(ping)
            expect(by: ping.deadline + silenceMax)
        }
        write([ping.pipeline.bytes])
    }

    // MARK: The end

    /// Takes no more commands; closes when what is in flight is answered, at once when that is a blocking command.
    func drain() {
        mailbox.refuseFurther(Self.shutDown)
        sendPosted()
        let isBlocked = inFlight.contains { $0.pipeline.blockMs != nil }
        if machine.drain(hasInFlight: !inFlight.isEmpty && !isBlocked) { close(Self.shutDown) }
    }

    /// Fails everything in flight and closes the socket.
    func close(_ reason: RedisError) {
        guard let reason = machine.close(reason) else { return }
        mailbox.refuseFurtherInstead(reason)
        heartbeat?.cancel()
        deadlines.cancel()
        let interrupted = inFlight
        inFlight.removeAll()
        for batch in interrupted {
            settle(batch)
            batch.fail(reason.afterSending())
        }
        refuse(mailbox.collect().batches, reason)
        readyPromise.fail(reason)
        closedPromise.succeed(reason)
        pushSink?.finish()
        pushSink = nil
        context?.close(promise: nil)
    }

    static let shutDown = RedisError(.shuttingDown, "the connection is shutting down")
    private static let cancelled = RedisError(.cancelled, "the task was cancelled")
    private static let late = RedisError(.deadlineExceeded, "no reply before the deadline")
    private static let silent = RedisError(.connectionLost, "the server owes a reply for too long and was left")
}
