// Where the curl thread puts what arrives and one task picks it up. It is the only thing the two share, and
// it is bounded: a full inbox pauses the transfer, and TCP passes the pause on to the server.

import Synchronization

/// A bounded mailbox between the curl thread and one reader.
final class TransferInbox: Sendable {
    enum Event: Sendable {
        case head(HTTPHead)
        case bytes([UInt8])
    }

    /// An event, nil at the end, and whether the transfer waits to be resumed now that there is room.
    typealias Delivery = (value: Event?, wasPaused: Bool)

    private struct State {
        var head: HTTPHead?
        var bytes: [UInt8] = []
        var isPaused = false
        var outcome: Result<Void, any Error>?
        var reader: CheckedContinuation<Delivery, any Error>?
    }

    /// One more curl buffer may follow when this is almost reached.
    private static let bufferedBytesMax = 1024 * 1024

    private let state = Mutex(State())

    /// Whether the transfer has ended, well or not.
    var isComplete: Bool {
        state.withLock { $0.outcome != nil }
    }

    func deliver(head: HTTPHead) {
        let reader = state.withLock { state in
            state.head = head
            return Self.wake(&state)
        }
        reader?()
    }

    /// Takes bytes; false when the inbox is full and the transfer has to pause.
    func deliver(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let (isTaken, reader) = state.withLock { state in
            guard state.bytes.count < Self.bufferedBytesMax else {
                state.isPaused = true
                return (false, nil as (@Sendable () -> Void)?)
            }
            state.bytes.append(contentsOf: bytes)
            return (true, Self.wake(&state))
        }
        reader?()
        return isTaken
    }

    /// Ends the transfer; only the first end counts.
    func finish(throwing error: (any Error)?) {
        let reader = state.withLock { state in
            guard state.outcome == nil else { return nil as (@Sendable () -> Void)? }
            state.outcome = error.map { .failure($0) } ?? .success(())
            return Self.wake(&state)
        }
        reader?()
    }

    /// Waits for the next event. What arrived before a failure is delivered before it.
    func next() async throws -> Delivery {
        try await withCheckedThrowingContinuation { continuation in
            let wake = state.withLock { state in
                state.reader = continuation
                return Self.wake(&state)
            }
            wake?()
        }
    }

    /// Pairs a waiting reader with what there is; the returned closure is to be called outside the lock.
    private static func wake(_ state: inout State) -> (@Sendable () -> Void)? {
        guard let reader = state.reader else { return nil }
        let delivery: Result<Delivery, any Error>
        if let head = state.head {
            state.head = nil
            delivery = .success((.head(head), false))
        } else if !state.bytes.isEmpty {
            delivery = .success((.bytes(state.bytes), state.isPaused))
            state.bytes = []
            state.isPaused = false
        } else if let outcome = state.outcome {
            delivery = outcome.map { (nil, false) }
        } else {
            return nil
        }
        state.reader = nil
        return { reader.resume(with: delivery) }
    }
}
