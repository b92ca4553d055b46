// Sends the responses of one turn of the event loop together. Several requests are answered in a turn, since replies from
// Redis come together; a system call right behind each answer would wake the clients one by one, in between the work.

import NIOCore
import NIOHTTPTypes

/// Puts flushes off to the end of the event loop's turn.
final class TurnFlush: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart

    private var isWanted = false

    func flush(context: ChannelHandlerContext) {
        guard !isWanted else { return }
        isWanted = true
        // Behind everything that already waits for its turn.
        context.eventLoop.assumeIsolated().execute { self.flushNow(context) }
    }

    /// What was written before must leave before the connection ends.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        flushNow(context)
        context.close(mode: mode, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) { isWanted = false }

    private func flushNow(_ context: ChannelHandlerContext) {
        guard isWanted else { return }
        isWanted = false
        context.flush()
    }
}

@available(*, unavailable)
extension TurnFlush: Sendable {}
