// A pipeline on its way: the replies collected so far and the one continuation that takes them.
//
// Until it is posted, a batch belongs to the task that made it; from then on every mutable property is touched on the
// connection's event loop only. The mailbox's lock orders the two. That is why it may call itself Sendable, and why the
// hot path needs no lock of its own.

import NIOCore

final class InFlightBatch: @unchecked Sendable {
    let pipeline: EncodedPipeline
    let deadline: NIODeadline
    /// A PING of the connection's own: nobody waits for it, and the mailbox has not counted it.
    let isHeartbeat: Bool
    private var replies: [RedisReply] = []
    private var continuation: UnsafeContinuation<[RedisReply], Never>?
    /// Replies that the server still owes, also when nobody waits for them any more.
    private(set) var owedCount: Int
    /// Set on the event loop when the task was cancelled before the batch arrived there.
    var isCancelledEarly = false
    /// Set on the event loop when the batch arrives there: from now on the continuation may be used there.
    var isAdmitted = false

    init(_ pipeline: EncodedPipeline, deadline: NIODeadline, isHeartbeat: Bool = false) {
        self.pipeline = pipeline
        self.deadline = deadline
        self.isHeartbeat = isHeartbeat
        self.owedCount = pipeline.parts.count
    }

    /// Names who waits. An unsafe continuation: every path ends in `resume`, which takes it away, and the check of the
    /// safe one costs more than writing the commands.
    func setContinuation(_ continuation: UnsafeContinuation<[RedisReply], Never>) {
        self.continuation = continuation
        replies.reserveCapacity(owedCount)
    }

    /// Whether someone waits for the replies.
    var isAwaited: Bool { continuation != nil }

    /// Records the next reply; the last one resumes the caller.
    func receive(_ reply: RESPValue) {
        owedCount -= 1
        guard continuation != nil else { return }
        replies.append(.success(reply))
        if owedCount == 0 { resume() }
    }

    /// Ends the wait: every command without a reply fails with `error`. Replies that come later are counted and
    /// dropped, so the stream of replies stays in step.
    func fail(_ error: RedisError) {
        guard continuation != nil else { return }
        for part in pipeline.parts.dropFirst(replies.count) {
            replies.append(.failure(error.forCommand(part.name, isIdempotent: part.isIdempotent)))
        }
        resume()
    }

    private func resume() {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: replies)
        replies = []
    }
}
