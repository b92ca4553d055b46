// The stores on real servers, as roles get them.

import Logging
package import ObjectStore
import Redis
package import Stores
package import TestServers

/// Runs `body` with stores on a client of `server`, on an empty database.
package func withStores<Value: Sendable>(
    on server: RedisServer, partitions: Int = 1, flushes: Bool = true,
    _ body: (RedisStores) async throws -> Value
) async throws -> Value {
    var configuration = try RedisConfiguration(url: server.url)
    // Many servers at once on a small machine may take their time.
    configuration.deadlineMs = 20_000
    return try await withRedisClient(configuration, libraries: RedisStores.functionLibraries) { client in
        if flushes { _ = try await client.send(RawCommand("FLUSHALL")) }
        return try await body(RedisStores(client: client, partitions: partitions))
    }
}

/// Runs `body` with releases in a directory of its own.
package func withDirectory<Value: Sendable>(
    _ body: (_ objects: any ObjectStore, _ folder: TemporaryFolder) async throws -> Value
) async throws -> Value {
    let folder = try TemporaryFolder("objects")
    defer { folder.remove() }
    let objects = try makeObjectStore(
        try ObjectStoreConfiguration(url: "file://\(folder.path)"), logger: Logger(label: "test"))
    return try await body(objects, folder)
}
