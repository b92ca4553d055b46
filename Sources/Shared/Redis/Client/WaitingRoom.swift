// Callers that wait for one thing to happen, each until its own deadline or cancellation, and never more than a bound.

import NIOCore
import Synchronization

final class WaitingRoom<Value: Sendable>: Sendable {
    enum Outcome: Sendable {
        case released(Value)
        case late
        case cancelled
        case full
    }

    private typealias Waiter = CheckedContinuation<Outcome, Never>

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let countMax: Int
    private let eventLoopGroup: any EventLoopGroup

    init(countMax: Int, eventLoopGroup: any EventLoopGroup) {
        self.countMax = countMax
        self.eventLoopGroup = eventLoopGroup
    }

    /// Callers waiting now.
    var count: Int { state.withLock { $0.waiters.count } }

    /// Waits for `release`, unless `immediate` has a value. It is asked under the lock that `release` takes, so whoever
    /// changes what it looks at and then releases wakes every caller that saw the old state.
    func wait(until deadline: NIODeadline, unless immediate: () -> Value?) async -> Outcome {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let timer = eventLoopGroup.any().scheduleTask(deadline: deadline) { self.end(number, .late) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let outcome: Outcome? = state.withLock { state in
                    if let value = immediate() { return .released(value) }
                    if Task.isCancelled { return .cancelled }
                    if NIODeadline.now() >= deadline { return .late }
                    if state.waiters.count >= countMax { return .full }
                    state.waiters[number] = waiter
                    return nil
                }
                if let outcome { waiter.resume(returning: outcome) }
            }
        } onCancel: {
            end(number, .cancelled)
        }
    }

    /// Lets everyone who waits go on with `value`.
    func release(_ value: Value) {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: .released(value)) }
    }

    private func end(_ number: Int, _ outcome: Outcome) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: outcome)
    }
}
