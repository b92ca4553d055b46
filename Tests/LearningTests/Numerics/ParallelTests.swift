// Blocks side by side: each once, workers apart, and an end when it is cancelled.

import Synchronization
import Testing

@testable import Learning

struct ParallelTests {
    @Test(arguments: [0, 1, 2, 1000], [1, 2, 7])
    func `each block runs once, by a worker in range, and no worker runs two at once`(blocks: Int, workers: Int) throws
    {
        let runs = Mutex([Int](repeating: 0, count: blocks))
        let busy = Mutex(Set<Int>())
        try Parallel.forEach(blocks: blocks, workers: workers) { block, worker in
            #expect((0..<workers).contains(worker))
            #expect(busy.withLock { $0.insert(worker).inserted })
            runs.withLock { $0[block] += 1 }
            _ = busy.withLock { $0.remove(worker) }
        }
        #expect(runs.withLock { $0.allSatisfy { $0 == 1 } })
    }

    @Test(arguments: [0, 1, 9, 10, 11])
    func `ranges cover all rows in order of blocks`(count: Int) throws {
        var covered: [Int] = []
        try Parallel.forEachRange(of: count, by: 5, workers: 1) { range, _ in covered += Array(range) }
        #expect(covered == Array(0..<count))
    }

    @Test(arguments: [1, 2, 4])
    func `cancelling is an error, unless all was done before`(workers: Int) throws {
        let done = Atomic<Int>(0)
        let control = StepControl(isCancelled: { done.load(ordering: .relaxed) >= 10 })
        #expect(throws: CancellationError.self) {
            try Parallel.forEach(blocks: 100, workers: workers, control: control) { _, _ in
                done.add(1, ordering: .relaxed)
            }
        }
        #expect((10..<10 + workers).contains(done.load(ordering: .relaxed)))
        done.store(0, ordering: .relaxed)
        try Parallel.forEach(blocks: 10, workers: workers, control: control) { _, _ in done.add(1, ordering: .relaxed) }
    }
}
