// Guards one connection against clients that send too much, send too slowly or do not read. A body that is refused ends
// the connection, but cleanly: the answer goes out, then our side closes, then what is still arriving is thrown away
// for a while. Closing at once would make the kernel send a reset that can overtake the answer.

import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Sits between the HTTP codec and Hummingbird's handlers. Unwrapping a part costs about as much as everything else here,
/// so outgoing parts are looked at only when something is about to end.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Sent down the pipeline before a response after which the connection is to end.
    struct LastResponseFollows: Sendable {}

    private let limits: ServiceLimits
    /// Bytes of the present request's body, or of what is thrown away.
    private var bodyBytes = 0
    private var isReadingBody = false
    /// Whether what arrives is thrown away: no further request will be answered.
    private var isDiscarding = false
    private var isLastResponse = false
    private var parserError: HTTPParserError?
    private var readDeadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?

    init(limits: ServiceLimits) { self.limits = limits }

    func handlerRemoved(context: ChannelHandlerContext) { cancelDeadlines() }

    func channelInactive(context: ChannelHandlerContext) {
        cancelDeadlines()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard !isDiscarding else { return discard(part, context) }
        switch part {
        case .head:
            bodyBytes = 0
            isReadingBody = true
        case .body(let buffer):
            bodyBytes += buffer.readableBytes
            // The part that goes over the limit is passed on: it is how the route learns. A route that reads no body
            // never learns, so the connection ends by the clock.
            if bodyBytes > limits.bodyBytesMax { startDiscarding(context) }
        case .end:
            isReadingBody = false
            readDeadline?.cancel()
            readDeadline = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Only a body that did not come in one piece needs a clock.
        if isReadingBody, readDeadline == nil {
            readDeadline = closing(context, afterMs: limits.bodyTimeoutMs)
        }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeDeadline?.cancel()
        writeDeadline = context.channel.isWritable ? nil : closing(context, afterMs: limits.writeTimeoutMs)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        parserError = error as? HTTPParserError
        context.fireErrorCaught(error)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is LastResponseFollows else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        isLastResponse = true
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isLastResponse || parserError != nil else { return context.write(data, promise: promise) }
        switch unwrapOutboundIn(data) {
        case .head(let head): writeHead(head, context, promise)
        case .body: context.write(data, promise: promise)
        case .end:
            context.writeAndFlush(data, promise: promise)
            if isLastResponse { close(context) }
        }
    }

    /// The server answers what is not HTTP with an empty 400; here it gets its reason.
    private func writeHead(_ head: HTTPResponse, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        guard let parserError, head.status == .badRequest, head.headerFields[.contentLength] == "0" else {
            return context.write(wrapOutboundOut(.head(head)), promise: promise)
        }
        let problem = Problem.badRequest("this is not HTTP/1.1: \(parserError)")
        let body = problem.body
        var head = head
        head.headerFields = problem.fields
        head.headerFields[.connection] = "close"
        head.headerFields[.contentLength] = String(body.readableBytes)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
    }

    /// Our side closes, which tells the client that the answer is complete; its side gets time to notice.
    private func close(_ context: ChannelHandlerContext) {
        if !isDiscarding { startDiscarding(context) }
        context.close(mode: .output, promise: nil)
    }

    private func startDiscarding(_ context: ChannelHandlerContext) {
        isDiscarding = true
        bodyBytes = 0
        cancelDeadlines()
        readDeadline = closing(context, afterMs: limits.lingerTimeoutMs)
    }

    private func discard(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        guard case .body(let buffer) = part else { return }
        bodyBytes += buffer.readableBytes
        if bodyBytes > limits.lingerBytesMax { context.close(promise: nil) }
    }

    private func closing(_ context: ChannelHandlerContext, afterMs: Int) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(afterMs))) {
            context.close(promise: nil)
        }
    }

    private func cancelDeadlines() {
        readDeadline?.cancel()
        readDeadline = nil
        writeDeadline?.cancel()
        writeDeadline = nil
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
