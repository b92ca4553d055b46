// Blocking file calls run here and never on the cooperative pool, whose few threads would otherwise wait for
// the disk while everything else waits for them.

import Dispatch
import Synchronization

/// A few serial queues that take blocking work in turn.
final class FileQueue: Sendable {
    /// Enough to overlap a slow fsync with reads; each is at most one thread.
    private static let laneCount = 4

    private let lanes: [DispatchQueue]
    private let turn = Atomic<Int>(0)

    init() {
        lanes = (0..<Self.laneCount).map { DispatchQueue(label: "freshet.files.\($0)") }
    }

    /// Runs `body` on one of the queues and returns what it returns.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let lane = lanes[turn.wrappingAdd(1, ordering: .relaxed).newValue & (Self.laneCount - 1)]
        return try await withCheckedThrowingContinuation { continuation in
            lane.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
