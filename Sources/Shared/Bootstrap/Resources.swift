// The stores that a process works with, made from its settings.

import Logging
package import ObjectStore
package import Redis
package import Stores
package import Telemetry

/// Makes stores.
package enum Resources {
    /// A client that loads our functions by itself. It is a service: it must run before it answers.
    /// - Parameters:
    ///   - connectionCount: connections that its commands share.
    ///   - metrics: where its figures are exposed; nil for a command that nobody watches.
    package static func redisClient(
        _ configuration: RedisConfiguration, name: String, connectionCount: Int = 1, metrics: MetricsRegistry? = nil
    ) throws -> RedisClient {
        var configuration = configuration
        configuration.clientName = name
        configuration.connectionCount = connectionCount
        if let metrics { ResourceMetrics.declare(in: metrics) }
        let client = try RedisClient(
            configuration, libraries: RedisStores.functionLibraries, metrics: metrics, logger: Logger(label: "redis"))
        if let metrics { ResourceMetrics.collect(client, in: metrics) }
        return client
    }

    /// The object store of the settings.
    /// - Parameter metrics: where its figures are exposed; nil for a command that nobody watches.
    package static func objectStore(
        _ configuration: ObjectStoreConfiguration, metrics: MetricsRegistry? = nil
    ) throws -> any ObjectStore {
        let store = try makeObjectStore(configuration, logger: Logger(label: "objects"))
        guard let metrics else { return store }
        ResourceMetrics.declare(in: metrics)
        return MeasuredObjectStore(store, metrics: metrics)
    }

    /// Runs `body` with the stores of the settings, for commands that do one thing and end.
    package static func withRedisStores<Value: Sendable>(
        _ configuration: RedisConfiguration, partitions: Int, name: String,
        _ body: @Sendable (RedisStores) async throws -> Value
    ) async throws -> Value {
        let client = try redisClient(configuration, name: name)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            let value = try await body(RedisStores(client: client, partitions: partitions))
            client.shutdown()
            return value
        }
    }
}
