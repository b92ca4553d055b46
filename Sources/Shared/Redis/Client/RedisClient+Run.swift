// Keeps the shared connections: connects, waits until one closes, pauses, connects again; and ends them gracefully.

import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

extension RedisClient: Service {
    /// Keeps the connections until a graceful shutdown, `shutdown()`, or cancellation. Replies under way at a graceful
    /// shutdown are waited for, at most `shutdownMs`.
    package func run() async {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for place in 0..<max(1, configuration.connectionCount) {
                    group.addTask { await self.keepConnection(place: place) }
                }
                for await _ in stopSignal.stream {}
                await stop()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.shutdown()
        }
    }

    /// Begins a graceful shutdown: new calls fail, those under way are finished, then `run()` returns.
    package func shutdown() {
        stopSignal.continuation.finish()
    }

    private func stop() async {
        let connections = state.withLock { $0.stop() }
        waitingRoom.release(.failure(ClientState.stopped))
        for connection in connections { connection.drain() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancellation ends the pause early; either way the connections are closed.
                try? await Task.sleep(for: .milliseconds(self.configuration.shutdownMs))
                for connection in connections { connection.close() }
            }
            for connection in connections { _ = await connection.waitUntilClosed() }
            group.cancelAll()
        }
    }

    private func keepConnection(place: Int) async {
        var backoff = Backoff(baseMs: configuration.backoffMsBase, maxMs: configuration.backoffMsMax)
        var isFirst = true
        while !Task.isCancelled {
            do throws(RedisError) {
                let connection = try await connector.connect(place: place)
                logger.debug("connected", metadata: ["place": "\(place)"])
                let connectedAt = NIODeadline.now()
                await serve(connection, isFirst: isFirst)
                backoff.connectionEnded(after: .now() - connectedAt)
                isFirst = false
            } catch {
                state.withLock { state in
                    state.lastFailure = error
                    state.counters.connectFailureCount &+= 1
                }
                logger.debug("cannot connect", metadata: ["place": "\(place)", "error": "\(error)"])
            }
            let pauseMs = backoff.nextMs()
            do { try await Task.sleep(for: .milliseconds(pauseMs)) } catch { return }
        }
    }

    private func serve(_ connection: RedisConnection, isFirst: Bool) async {
        guard state.withLock({ $0.add(connection, isReconnect: !isFirst) }) else { return connection.close() }
        waitingRoom.release(.success(()))
        let reason = await withTaskCancellationHandler {
            await connection.waitUntilClosed()
        } onCancel: {
            connection.close()
        }
        state.withLock { $0.remove(connection) }
        logger.debug("disconnected", metadata: ["reason": "\(reason)"])
    }
}

/// Runs a client beside `body` and shuts it down gracefully behind it: for tests and short commands.
package func withRedisClient<Value: Sendable>(
    _ configuration: RedisConfiguration, libraries: [RedisFunctionLibrary] = [],
    _ body: (RedisClient) async throws -> Value
) async throws -> Value {
    let client = try RedisClient(configuration, libraries: libraries)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { client.shutdown() }
        return try await body(client)
    }
}
