// Where tasks leave their pipelines for the event loop. Everything posted between two turns of the loop is written to
// the socket at once, which is what makes concurrent callers share system calls.

import NIOCore
import Synchronization

final class Mailbox: Sendable {
    private struct State: ~Copyable {
        var batches: [InFlightBatch] = []
        var chunks: [ByteBuffer] = []
        var isLoopWoken = false
        var refusal: RedisError?
    }

    enum PostOutcome {
        case posted(wakesLoop: Bool)
        case refused(RedisError)
    }

    private let state = Mutex(State())
    /// Commands posted and not yet answered.
    private let commandCount = Atomic<Int>(0)
    private let byteCount = Atomic<Int>(0)
    private let commandCountMax: Int
    private let byteCountMax: Int

    /// Larger pipelines are written from their own buffer: copying them under the lock would hold up the others.
    private static let copiedByteCountMax = 16_384
    private static let chunkByteCountMax = 65_536

    init(commandCountMax: Int, byteCountMax: Int) {
        self.commandCountMax = commandCountMax
        self.byteCountMax = byteCountMax
    }

    /// Commands posted and not yet answered.
    var commandsInFlight: Int { commandCount.load(ordering: .relaxed) }

    /// Leaves a batch, unless the bounds are reached or the connection takes no more.
    func post(_ batch: InFlightBatch) -> PostOutcome {
        let commands = batch.pipeline.parts.count
        let bytes = batch.pipeline.bytes.readableBytes
        guard commandCount.load(ordering: .relaxed) + commands <= commandCountMax else {
            return .refused(
                RedisError(.overloaded, "\(commandCountMax) commands are in flight; slow down or add connections"))
        }
        guard byteCount.load(ordering: .relaxed) + bytes <= byteCountMax else {
            return .refused(RedisError(.overloaded, "\(byteCountMax) bytes of commands are in flight; slow down"))
        }
        return state.withLock { state in
            if let refusal = state.refusal { return .refused(refusal) }
            commandCount.wrappingAdd(commands, ordering: .relaxed)
            byteCount.wrappingAdd(bytes, ordering: .relaxed)
            state.batches.append(batch)
            Self.append(batch.pipeline.bytes, to: &state.chunks)
            defer { state.isLoopWoken = true }
            return .posted(wakesLoop: !state.isLoopWoken)
        }
    }

    private static func append(_ bytes: ByteBuffer, to chunks: inout [ByteBuffer]) {
        let last = chunks.count - 1
        if last >= 0, bytes.readableBytes <= copiedByteCountMax, chunks[last].readableBytes <= chunkByteCountMax {
            chunks[last].writeImmutableBuffer(bytes)
        } else {
            chunks.append(bytes)
        }
    }

    /// Takes everything posted since the last time.
    func collect() -> (batches: [InFlightBatch], chunks: [ByteBuffer]) {
        state.withLock { state in
            let collected = (state.batches, state.chunks)
            state.batches = []
            state.chunks = []
            state.isLoopWoken = false
            return collected
        }
    }

    /// Refuses all further batches with `error`; what was posted stays to be collected.
    func refuseFurther(_ error: RedisError) {
        state.withLock { state in
            if state.refusal == nil { state.refusal = error }
        }
    }

    /// The connection is gone: later callers learn that, rather than an earlier reason such as a shutdown.
    func refuseFurtherInstead(_ error: RedisError) {
        state.withLock { $0.refusal = error }
    }

    /// A batch needs nothing any more from the server.
    func settled(commands: Int, bytes: Int) {
        commandCount.wrappingSubtract(commands, ordering: .relaxed)
        byteCount.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
