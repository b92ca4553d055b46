// Runs a process's services: started in order, stopped in reverse on SIGTERM or SIGINT, and never hanging for ever.

package import Logging
package import ServiceLifecycle
import UnixSignals

/// Runs services until a signal or a failure.
package enum ServiceRunner {
    /// How long services may take to finish what they have in hand.
    static let shutdownSeconds = 20
    /// How long they may take once they are cancelled.
    static let cancellationSeconds = 5

    /// Runs `services`, listed in the order of dependency.
    package static func run(_ services: [any Service], logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(shutdownSeconds)
        configuration.maximumCancellationDuration = .seconds(cancellationSeconds)
        try await ServiceGroup(configuration: configuration).run()
    }
}
