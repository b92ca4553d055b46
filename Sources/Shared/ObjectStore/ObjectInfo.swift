// The values that a store answers with: what is known about an object, its bytes as they arrive, and the
// pages of a listing. Bodies and pages are one type each whatever the store, made from a closure of its own.

/// What a store knows about an object without reading it.
package struct ObjectInfo: Sendable, Hashable {
    /// The key below the store's prefix.
    package let key: String
    /// Size of the whole object in bytes, also when only a range of it was asked for.
    package let size: Int
    /// Changes whenever the content does; comparable only within one store.
    package let etag: String
    /// When the object was written, Unix ms; S3 rounds to seconds.
    package let modifiedAtMs: Int64

    package init(key: String, size: Int, etag: String, modifiedAtMs: Int64) {
        self.key = key
        self.size = size
        self.etag = etag
        self.modifiedAtMs = modifiedAtMs
    }
}

/// An object's bytes as chunks of at most about 1 MiB, read no faster than they are asked for.
///
/// It can be walked once. Dropping the body, or its iterator, or cancelling the task ends the transfer.
package struct ObjectBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    /// The object that the bytes belong to.
    package let info: ObjectInfo
    private let nextChunk: @Sendable () async throws -> [UInt8]?

    init(info: ObjectInfo, nextChunk: @escaping @Sendable () async throws -> [UInt8]?) {
        self.info = info
        self.nextChunk = nextChunk
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(nextChunk: nextChunk)
    }

    /// The same bytes; `note` hears of each chunk's size as it is read.
    func noting(_ note: @escaping @Sendable (Int) -> Void) -> ObjectBody {
        ObjectBody(info: info) { [nextChunk] in
            let chunk = try await nextChunk()
            if let chunk { note(chunk.count) }
            return chunk
        }
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let nextChunk: @Sendable () async throws -> [UInt8]?

        package mutating func next() async throws -> [UInt8]? {
            try await nextChunk()
        }
    }
}

/// A listing, a page at a time; pages are never empty. Each walk asks the store anew.
package struct ObjectPages: AsyncSequence, Sendable {
    package typealias Element = [ObjectInfo]
    typealias NextPage = @Sendable () async throws -> [ObjectInfo]?

    private let begin: @Sendable () -> NextPage

    /// - Parameter begin: starts a walk; the closure that it returns gives the next page, nil behind the last.
    init(begin: @escaping @Sendable () -> NextPage) {
        self.begin = begin
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(nextPage: begin())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let nextPage: NextPage

        package mutating func next() async throws -> [ObjectInfo]? {
            // A server may answer with an empty page that has a successor, so only nil ends the walk.
            while let page = try await nextPage() {
                if !page.isEmpty { return page }
            }
            return nil
        }
    }
}
