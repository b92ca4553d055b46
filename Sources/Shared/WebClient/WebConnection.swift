// A keep-alive HTTP/1.1 connection, for whoever asks our services something: the load test, the smoke test, tests. No
// redirects, no TLS, no cookies: between our own processes there are none.

import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection; one request at a time.
package final class WebConnection: Sendable {
    /// Longer answers are not read.
    package static let bodyBytesMax = 64 << 20

    private let channel: any Channel

    private init(channel: any Channel) { self.channel = channel }

    /// Connects.
    /// - Throws: ``WebClientError`` `unreachable`.
    package static func open(_ address: WebAddress, connectTimeoutMs: Int64 = 5000) async throws -> WebConnection {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(connectTimeoutMs))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(
                            WebExchangeHandler(authority: address.authority, bodyBytesMax: bodyBytesMax))
                    }
                }
                .connect(host: address.host, port: address.port).get()
            return WebConnection(channel: channel)
        } catch {
            throw WebClientError(.unreachable, "nobody listens at \(address): \(error)")
        }
    }

    /// Connects, runs `body` and closes.
    package static func with<Value: Sendable>(
        _ address: WebAddress, _ body: (WebConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await open(address)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Whether requests can be sent.
    package var isOpen: Bool { channel.isActive }

    /// Sends a request and waits for the whole answer, whatever its status. A request that is given up, by its timeout
    /// or by cancellation, closes the connection: its answer must not be taken for the next one's.
    /// - Throws: ``WebClientError``.
    package func send(_ request: WebRequest, timeoutMs: Int64 = 30_000) async throws -> WebAnswer {
        let answer = channel.eventLoop.makePromise(of: WebAnswer.self)
        let exchange = WebExchange(request: request, timeout: .milliseconds(timeoutMs), answer: answer)
        // On a closed connection the write fails before any handler sees it.
        channel.writeAndFlush(exchange).cascadeFailure(to: answer)
        do {
            return try await withTaskCancellationHandler {
                try await answer.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch let error as WebClientError {
            throw error
        } catch {
            throw WebClientError(.lost, "\(request.method) \(request.path): \(error)")
        }
    }

    /// Closes the connection.
    package func close() async { try? await channel.close() }
}
