// Makes connections: socket, TLS, greeting, all within one deadline and ended at once by cancellation.

import NIOCore
import NIOPosix

struct Connector: Sendable {
    private let configuration: RedisConfiguration
    private let tls: TLSContext?
    private let group: any EventLoopGroup

    init(configuration: RedisConfiguration, group: any EventLoopGroup) throws(RedisError) {
        self.configuration = configuration
        self.group = group
        if let settings = configuration.tls {
            self.tls = try TLSContext(settings, address: configuration.address)
        } else {
            self.tls = nil
        }
    }

    /// A connection that has been greeted and takes commands.
    /// - Parameter place: which of the shared connections it is, which decides on its event loop; nil for any loop.
    func connect(place: Int? = nil) async throws(RedisError) -> RedisConnection {
        let eventLoop = place.map(eventLoop(ofPlace:)) ?? group.next()
        let outcome = eventLoop.makePromise(of: RedisConnection.self)
        let timeout = eventLoop.scheduleTask(in: .milliseconds(Int64(configuration.connectDeadlineMs))) {
            outcome.fail(RedisError(.connectFailed, "no connection within \(configuration.connectDeadlineMs) ms"))
        }
        eventLoop.execute { open(on: eventLoop, outcome) }
        defer { timeout.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                outcome.fail(RedisError(.cancelled, "the task was cancelled"))
            }
        } catch let error as RedisError {
            throw error.code == .connectionLost ? couldNotConnect(error.cause ?? error) : error
        } catch {
            throw couldNotConnect(error)
        }
    }

    private func eventLoop(ofPlace place: Int) -> any EventLoop {
        let eventLoops = Array(group.makeIterator())
        return eventLoops[place % eventLoops.count]
    }

    private func couldNotConnect(_ cause: any Error) -> RedisError {
        RedisError(.connectFailed, "cannot connect to \(configuration)", cause: cause)
    }

    /// On the event loop. A connection that is made after the outcome was decided otherwise is closed again.
    private func open(on eventLoop: any EventLoop, _ outcome: EventLoopPromise<RedisConnection>) {
        let mailbox = Mailbox(
            commandCountMax: configuration.commandsInFlightMax, byteCountMax: configuration.bytesInFlightMax)
        let ready = eventLoop.makePromise(of: Void.self)
        let closed = eventLoop.makePromise(of: RedisError.self)
        let handler: RedisChannelHandler
        do {
            handler = try RedisChannelHandler(
                configuration: configuration, mailbox: mailbox, ready: ready, closed: closed)
        } catch {
            ready.fail(error)
            closed.succeed(error)
            return outcome.fail(error)
        }
        let connection = RedisConnection(
            configuration: configuration, eventLoop: eventLoop, mailbox: mailbox, handler: handler,
            closed: closed.futureResult)
        ready.futureResult.map { connection }.cascade(to: outcome)
        outcome.futureResult.whenFailure { error in
            connection.close(RedisError(.connectFailed, "the connection was given up", cause: error))
        }
        connectSocket(on: eventLoop).flatMapThrowing { channel in
            do {
                if let tls { try channel.pipeline.syncOperations.addHandler(tls.makeHandler()) }
                try channel.pipeline.syncOperations.addHandler(handler)
            } catch {
                channel.close(promise: nil)
                throw error
            }
        }.whenFailure { error in
            handler.close(RedisError(.connectionLost, "the connection could not be made", cause: error))
        }
    }

    /// The handlers are added to the channel that won, not in its initializer: a name with several addresses makes
    /// several channels, and the losers would take the handler down with them.
    private func connectSocket(on eventLoop: any EventLoop) -> EventLoopFuture<any Channel>.Isolated {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .connectTimeout(.milliseconds(Int64(configuration.connectDeadlineMs)))
        switch configuration.address {
        case .tcp(let host, let port):
            return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1).connect(host: host, port: port)
                .assumeIsolated()
        case .unixSocket(let path):
            return bootstrap.connect(unixDomainSocketPath: path).assumeIsolated()
        }
    }
}
