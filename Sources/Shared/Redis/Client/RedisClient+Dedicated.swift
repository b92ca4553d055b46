// Connections of one's own, for commands that block and for subscriptions.

import ServiceLifecycle
import Synchronization

extension RedisClient {
    /// Opens a connection, lends it to `body`, and closes it. For blocking reads and anything that must not share.
    /// Cancelling the task ends a blocking command at once by closing the connection, and so does a graceful shutdown.
    package func withDedicatedConnection<Value>(
        _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await openDedicated()
        defer { closeDedicated(connection) }
        return try await body(connection)
    }

    /// Subscribes to channels and keeps the subscription through reconnects. Nothing happens until it is iterated.
    package func subscribe(_ channels: [String]) -> RedisSubscription {
        RedisSubscription(client: self, channels: channels)
    }

    func openDedicated() async throws(RedisError) -> RedisConnection {
        if let refusal = state.withLock({ $0.reserveDedicated(countMax: configuration.dedicatedConnectionCountMax) }) {
            throw refusal
        }
        do throws(RedisError) {
            let connection = try await connector.connect()
            guard state.withLock({ $0.addDedicated(connection) }) else {
                connection.close()
                throw ClientState.stopped
            }
            return connection
        } catch {
            state.withLock { $0.releaseDedicated(nil) }
            throw error
        }
    }

    func closeDedicated(_ connection: RedisConnection) {
        connection.close()
        state.withLock { $0.releaseDedicated(connection) }
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }
}
