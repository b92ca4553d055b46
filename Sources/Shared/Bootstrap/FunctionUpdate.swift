// Redis keeps functions with its data. A client loads those that are missing; those of an older build under the same name
// would go on unnoticed, so every start of a role that calls them loads its own.

import Logging
package import Redis
import ServiceLifecycle

/// Loads this build's functions into Redis, once, as soon as it answers.
package struct FunctionUpdate: Service {
    private static let pauseMs = 500
    private let client: RedisClient
    private let logger = Logger(label: "functions")

    package init(client: RedisClient) { self.client = client }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { return try await client.loadFunctions() } catch {
                    logger.warning("the functions are not loaded yet", metadata: ["error": "\(error)"])
                }
                // Cancellation ends the pause, and then the loop.
                try? await Task.sleep(for: .milliseconds(Self.pauseMs))
            }
        }
        try await gracefulShutdown()
    }
}
