// A viewer of server-sent events, as a browser is one: asks, and reads for as long as the stream goes on.

import Fixtures
import NIOCore
import NIOPosix
import Synchronization

/// One connection with one stream.
final class EventStreamViewer: Sendable {
    /// What has come, and whether that is all.
    private struct State {
        var text = ""
        var isClosed = false
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let viewer: EventStreamViewer

        init(_ viewer: EventStreamViewer) { self.viewer = viewer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            viewer.state.withLock { $0.text += text }
        }

        func channelInactive(context: ChannelHandlerContext) { viewer.state.withLock { $0.isClosed = true } }
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    private init() {}

    /// Asks 127.0.0.1 for a stream, and returns once an answer has begun.
    static func open(_ port: Int, _ path: String) async throws -> EventStreamViewer {
        let viewer = EventStreamViewer()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader(viewer)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        viewer.channel.withLock { $0 = channel }
        try await channel.writeAndFlush(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
        try await eventually("an answer to \(path)") { viewer.text.contains("\r\n\r\n") || viewer.isClosed }
        return viewer
    }

    /// All that has come, with the head and the marks of the chunks.
    var text: String { state.withLock { $0.text } }
    /// Whether the connection has ended.
    var isClosed: Bool { state.withLock { $0.isClosed } }
    /// The answer's status code; 0 without an answer.
    var status: Int { text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }
    /// How many events have come.
    var eventCount: Int { text.ranges(of: "data: {").count }
    /// Whether the answer was brought to its end, instead of being cut off.
    var isWhole: Bool { text.hasSuffix("0\r\n\r\n") }

    /// Goes away.
    func close() async { try? await channel.withLock { $0 }?.close() }
}
