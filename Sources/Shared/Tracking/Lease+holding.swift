// Doing a thing under a lease that is extended as long as it takes.

import Stores

extension Lease {
    /// Runs `body` while the lease is held; nil if somebody else has it. Loses it, and `body` is cancelled.
    func holding<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        guard try await take() else { return nil }
        let result: Result<Value, any Error> = await withTaskGroup(of: Result<Value, any Error>?.self) { group in
            group.addTask {
                do { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                while (try? await Task.sleep(for: .milliseconds(durationMs / 3))) != nil {
                    // Redis may be away for a moment; only another holder ends it.
                    if let isHeld = try? await extend(), !isHeld { break }
                }
                return nil
            }
            var result: Result<Value, any Error> = .failure(CancellationError())
            while let next = await group.next() {
                if let next { result = next }
                group.cancelAll()
            }
            return result
        }
        try? await giveBack()
        return try result.get()
    }
}
