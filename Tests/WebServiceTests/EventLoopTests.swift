// Requests on their connections' event loops, and responses that leave together.

import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import Testing

@testable import WebService

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
    @Test func `a request stays on its connection's event loop, with its child tasks and when it pauses`() async throws
    {
        let router = makeRouter()
        router.get("/where") { _, context in
            let eventLoop = context.channel.eventLoop
            async let child = Self.isOn(eventLoop)
            await Task.yield()
            return "\(eventLoop.inEventLoop) \(await child)"
        }
        let application = makeApplication(
            router: router, address: ServiceAddress(host: "127.0.0.1", port: 0),
            telemetry: ServiceTelemetry(role: "sample"), logger: SampleService.quietLogger)
        try await application.test(.live) { client in
            let answer = try await client.execute(uri: "/where", method: .get)
            #expect(String(buffer: answer.body) == "true true")
        }
    }

    @Test func `what is flushed several times in a turn leaves once, at its end`() throws {
        let flushes = FlushCount()
        let channel = EmbeddedChannel(handlers: [flushes, TurnFlush()])
        for text in ["a", "b"] {
            channel.write(ByteBuffer(string: text), promise: nil)
            channel.flush()
        }
        #expect(flushes.count == 0)
        channel.embeddedEventLoop.run()
        #expect(flushes.count == 1)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "a"))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "b"))
        channel.write(ByteBuffer(string: "c"), promise: nil)
        channel.flush()
        channel.embeddedEventLoop.run()
        #expect(flushes.count == 2)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "c"))
    }

    @Test func `what was flushed leaves before the connection is closed`() throws {
        let channel = EmbeddedChannel(handler: TurnFlush())
        let written = channel.eventLoop.makePromise(of: Void.self)
        channel.write(ByteBuffer(string: "last words"), promise: written)
        channel.flush()
        channel.close(promise: nil)
        channel.embeddedEventLoop.run()
        #expect(throws: Never.self) { try written.futureResult.wait() }
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "last words"))
    }

    private static func isOn(_ eventLoop: any EventLoop) async -> Bool {
        await Task.yield()
        return eventLoop.inEventLoop
    }
}

/// Counts the flushes that reach the socket.
private final class FlushCount: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func flush(context: ChannelHandlerContext) {
        count += 1
        context.flush()
    }
}
