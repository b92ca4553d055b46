// Numbers that many threads add to at once. Each thread adds to a row of its own, or nearly, so that no cache line travels
// between cores with every request; whoever reads adds the rows up.

import Glibc
import Synchronization

/// Rows of whole numbers. The memory is owned, of fixed size and touched by atomic operations only: that is what `@safe`
/// and `@unchecked` rest on. Cells are numbered by the caller, who asked for `width` of them.
@safe final class ShardedCells: @unchecked Sendable {
    /// Rows; a power of two, and more than cores, since threads are spread by chance.
    private static let rowCountBits: UInt64 = 3
    private static let rowCount = 1 << Int(rowCountBits)
    /// Words in two cache lines: processors fetch lines in pairs.
    private static let lineWords = 16

    private let cells: UnsafeMutablePointer<Atomic<Int64>>
    private let stride: Int
    private let width: Int

    init(width: Int) {
        self.width = width
        stride = (width + Self.lineWords - 1) / Self.lineWords * Self.lineWords
        let count = stride * Self.rowCount
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Atomic<Int64>>.stride,
            alignment: Self.lineWords * MemoryLayout<Atomic<Int64>>.stride)
        unsafe cells = memory.bindMemory(to: Atomic<Int64>.self, capacity: count)
        for index in 0..<count { unsafe (cells + index).initialize(to: Atomic(0)) }
    }

    deinit { unsafe cells.deallocate() }

    /// Which row the present thread adds to. Threads' handles are addresses; multiplied, their upper bits differ.
    @inline(__always)
    static var row: Int {
        Int(truncatingIfNeeded: (UInt64(pthread_self()) &* 0x9E37_79B9_7F4A_7C15) >> (64 - rowCountBits))
    }

    /// Adds to a cell.
    @inline(__always)
    func add(_ amount: Int64, at cell: Int, row: Int = ShardedCells.row) {
        precondition(cell >= 0 && cell < width)
        unsafe cells[row &* stride &+ cell].wrappingAdd(amount, ordering: .relaxed)
    }

    /// What a cell holds, all rows together.
    func total(at cell: Int) -> Int64 {
        precondition(cell >= 0 && cell < width)
        var total: Int64 = 0
        for row in 0..<Self.rowCount { total &+= unsafe cells[row * stride + cell].load(ordering: .relaxed) }
        return total
    }
}
