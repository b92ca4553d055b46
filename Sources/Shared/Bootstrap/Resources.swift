// The stores that a process works with, made from its settings.

import Logging
package import ObjectStore
package import Redis
package import Stores

/// Makes stores.
package enum Resources {
    /// A client that loads our functions by itself. It is a service: it must run before it answers.
    /// - Parameter connectionCount: connections that its commands share.
    package static func redisClient(
        _ configuration: RedisConfiguration, name: String, connectionCount: Int = 1
    ) throws -> RedisClient {
        var configuration = configuration
        configuration.clientName = name
        configuration.connectionCount = connectionCount
        return try RedisClient(
            configuration, libraries: RedisStores.functionLibraries, logger: Logger(label: "redis"))
    }

    /// The object store of the settings.
    package static func objectStore(_ configuration: ObjectStoreConfiguration) throws -> any ObjectStore {
        try makeObjectStore(configuration, logger: Logger(label: "objects"))
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
