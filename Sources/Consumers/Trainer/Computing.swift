// Long computations on a thread of their own: they never wait, so on the threads that serve requests in the same process
// they would hold up everybody.

import Dispatch
import Learning
import Synchronization

/// Runs `body` on a thread of its own. Cancelling the task makes the control's checks throw.
@concurrent
func computing<Value: Sendable>(
    report: @escaping @Sendable (_ share: Double) -> Void = { _ in },
    _ body: @escaping @Sendable (StepControl) throws -> Value
) async throws -> Value {
    let state = CancellationState()
    let control = StepControl(isCancelled: { state.isCancelled.load(ordering: .relaxed) }, report: report)
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "freshet.training", qos: .utility).async {
                continuation.resume(with: Result { try body(control) })
            }
        }
    } onCancel: {
        state.isCancelled.store(true, ordering: .relaxed)
    }
}

private final class CancellationState: Sendable {
    let isCancelled = Atomic(false)
}
