// A server that misbehaves on purpose, which no real Redis can be made to do.

import NIOCore
import NIOPosix
import Synchronization

/// Greets like Redis, then answers every further piece of input with the same bytes.
final class FakeServer: Sendable {
    enum Behaviour: Sendable {
        case answer(String)
        case hangUp
        case silence
    }

    private let channel: any Channel
    private let counts: ConnectionCounter

    /// Runs a server beside `body`.
    static func with<Value>(
        _ behaviour: Behaviour, greeting: String? = "+OK\r\n+PONG\r\n", _ body: (FakeServer) async throws -> Value
    ) async throws -> Value {
        let counts = ConnectionCounter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    counts.count.wrappingAdd(1, ordering: .relaxed)
                    try channel.pipeline.syncOperations.addHandler(
                        FakeServerHandler(behaviour: behaviour, greeting: greeting))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = FakeServer(channel: channel, counts: counts)
        do {
            let value = try await body(server)
            try await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private init(channel: any Channel, counts: ConnectionCounter) {
        self.channel = channel
        self.counts = counts
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    /// Connections accepted so far.
    var connectionCount: Int { counts.count.load(ordering: .relaxed) }
}

private final class ConnectionCounter: Sendable {
    let count = Atomic<Int>(0)
}

private final class FakeServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let behaviour: FakeServer.Behaviour
    private let greeting: String?
    private var isGreeted = false

    init(behaviour: FakeServer.Behaviour, greeting: String?) {
        self.behaviour = behaviour
        self.greeting = greeting
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isGreeted else {
            isGreeted = true
            if let greeting { write(greeting, context) }
            return
        }
        switch behaviour {
        case .answer(let text): write(text, context)
        case .hangUp: context.close(promise: nil)
        case .silence: break
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
