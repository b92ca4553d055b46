// Ctrl-C for commands that have something to say before they end.

import Glibc
import UnixSignals

/// The process's signals.
package enum Signals {
    /// Runs `body`; at the first SIGINT or SIGTERM `stop` is called once, and `body` is expected to come to its end.
    /// A second signal ends the process.
    package static func withFirst<Value: Sendable>(
        _ stop: @escaping @Sendable () -> Void, during body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var isFirst = true
                for await signal in signals {
                    guard isFirst else { exit(128 + signal.rawValue) }
                    isFirst = false
                    stop()
                }
            }
            let value = try await body()
            group.cancelAll()
            return value
        }
    }
}
