// The HTTP side of one connection, on its event loop: writes a request, collects its answer, and ends the exchange in
// exactly one way: answered, timed out, lost or unreadable.

import NIOCore
import NIOHTTP1

/// Turns exchanges into HTTP and back; one at a time.
final class WebExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = WebExchange
    typealias OutboundOut = HTTPClientRequestPart

    private let authority: String
    private let bodyBytesMax: Int
    private var exchange: WebExchange?
    private var timer: Scheduled<Void>?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    init(authority: String, bodyBytesMax: Int) {
        self.authority = authority
        self.bodyBytesMax = bodyBytesMax
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let next = unwrapOutboundIn(data)
        guard exchange == nil else {
            promise?.fail(WebClientError(.busy, "a request is under way on this connection"))
            return
        }
        exchange = next
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: next.timeout) { [self] in
            let waited = next.timeout.nanoseconds / 1_000_000
            end(
                .failure(WebClientError(.timedOut, "no answer to \(next.request.path) within \(waited) ms")),
                closing: context)
        }
        var request = HTTPRequestHead(version: .http1_1, method: next.request.method, uri: next.request.path)
        request.headers.add(name: "Host", value: authority)
        for (name, value) in next.request.headers { request.headers.add(name: name, value: value) }
        if let body = next.request.body {
            request.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
        }
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        if let body = next.request.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        // From here on the exchange ends with what is read, not with what was written: a server that refuses a body
        // answers and closes before it has read all of it.
        promise?.succeed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let received):
            head = received
            body = ByteBuffer()
        case .body(var piece):
            guard body.readableBytes + piece.readableBytes <= bodyBytesMax else {
                return end(
                    .failure(WebClientError(.unreadable, "the answer is longer than \(bodyBytesMax) bytes")),
                    closing: context)
            }
            // Most answers come in one piece, which need not be copied.
            if body.readableBytes == 0 { body = piece } else { body.writeBuffer(&piece) }
        case .end:
            guard let head else { return }
            end(
                .success(WebAnswer(status: Int(head.status.code), headers: head.headers, body: body)),
                closing: head.isKeepAlive ? nil : context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(WebClientError(.lost, "the server closed the connection before it had answered")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The parser calls it an error of its own when the connection ends within an answer.
        let parserError = error as? HTTPParserError
        let isCut = parserError == nil || parserError == .invalidEOFState
        end(.failure(WebClientError(isCut ? .lost : .unreadable, "\(error)")), closing: context)
    }

    /// Closes before it answers, so that whoever has the answer sees whether the connection can be used again.
    private func end(_ result: Result<WebAnswer, any Error>, closing context: ChannelHandlerContext? = nil) {
        timer?.cancel()
        timer = nil
        head = nil
        body = ByteBuffer()
        let ended = exchange
        exchange = nil
        context?.close(promise: nil)
        ended?.answer.completeWith(result)
    }
}
