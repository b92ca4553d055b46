// Work by blocks on a few threads. Which thread takes which block is chance, so a body writes only what belongs to its
// block, and what is summed over blocks is summed afterwards, in their order: same input, same bytes.

import Dispatch
import Synchronization

/// Runs blocks of pure computation side by side; returns when all are done.
package enum Parallel {
    /// How many threads compute unless a caller says otherwise.
    package static let workersDefault = 2

    /// Calls `body` once for each block. Blocks start in ascending order; at most one runs at a time for one worker,
    /// so a worker's number is the place of its scratch memory.
    ///
    /// - Parameters:
    ///   - blocks: How many blocks there are.
    ///   - workers: How many run at once, at least 1; numbers from 0.
    ///   - control: Asked before each block.
    ///   - body: Gets block and worker. Runs on several threads at once: what it writes must belong to its block or to
    ///     its worker.
    /// - Throws: CancellationError, once the blocks that had begun are done.
    package static func forEach(
        blocks: Int, workers: Int = workersDefault, control: StepControl = StepControl(),
        _ body: (_ block: Int, _ worker: Int) -> Void
    ) throws {
        precondition(workers > 0, "there must be a worker")
        let next = Atomic<Int>(0)
        let threads = max(min(workers, blocks), 1)
        withoutActuallyEscaping(body) { body in
            // The caller answers for this, as said above.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: threads) { worker in
                while true {
                    let block = next.add(1, ordering: .relaxed).oldValue
                    guard block < blocks, !control.isCancelled() else { return }
                    body(block, worker)
                }
            }
        }
        // Without another look at the control: it may have changed its mind after the last block.
        guard next.load(ordering: .relaxed) >= blocks + threads else { throw CancellationError() }
    }

    /// Divides rows into blocks of a size and calls `body` for each.
    static func forEachRange(
        of count: Int, by size: Int, workers: Int, control: StepControl = StepControl(),
        _ body: (_ range: Range<Int>, _ worker: Int) -> Void
    ) throws {
        try forEach(blocks: (count + size - 1) / size, workers: workers, control: control) { block, worker in
            body(block * size..<min((block + 1) * size, count), worker)
        }
    }
}
