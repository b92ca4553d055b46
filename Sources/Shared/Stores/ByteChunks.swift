// The bytes of an object as they come, whatever they come from.

import ObjectStore

/// Chunks of bytes, read once and in order.
package struct ByteChunks: AsyncSequence {
    package typealias Element = [UInt8]
    private let begin: () -> () async throws -> [UInt8]?

    init<Base: AsyncSequence>(_ base: Base) where Base.Element == [UInt8] {
        begin = {
            var iterator = base.makeAsyncIterator()
            return {
                do { return try await iterator.next(isolation: #isolation) } catch { throw StoreError.mapped(error) }
            }
        }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(nextChunk: begin()) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let nextChunk: () async throws -> [UInt8]?
        package mutating func next() async throws -> [UInt8]? { try await nextChunk() }
    }
}
