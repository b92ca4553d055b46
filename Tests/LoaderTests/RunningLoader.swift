// A loader beside a test.

@testable import Loader

extension Loader {
    /// Runs beside `body`; it is gone afterwards as if it had been killed.
    func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await run() }
            do { try await body() } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }
}
