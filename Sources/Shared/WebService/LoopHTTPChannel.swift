// HTTP connections whose requests are answered on the connection's own event loop.

import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird's HTTP/1.1 connections, with all that their requests do on the event loop that they belong to.
struct LoopHTTPChannel: ServerChildChannel {
    let http: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await http.handle(value: value, logger: logger)
        }
    }
}
