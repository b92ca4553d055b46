// What the system asks of a place for objects: S3 or a local directory, behind one protocol. Both
// implementations pass the same conformance suite, so callers never ask which one they have.

/// A place for objects, addressed by keys below the store's own prefix.
///
/// Keys follow ``ObjectKey``. Every call throws ``ObjectStoreError``, or `CancellationError` when its task was
/// cancelled; retries of transient failures have already happened by the time an error arrives.
package protocol ObjectStore: Sendable {
    /// The store in a person's words, without secrets: for logs and error texts.
    var summary: String { get }

    /// Opens an object for reading. Returns once the object is known to exist; its bytes follow from the body.
    ///
    /// - Parameter range: the bytes wanted, all when nil; an end behind the object's is moved to the object's end.
    /// - Throws: `.notFound`; `.invalidRange` for an empty range or one that starts at or behind the object's end.
    func get(_ key: String, range: Range<Int>?) async throws -> ObjectBody

    /// Stores one object at once, replacing an older one. Readers see the old bytes or the new ones, never a mixture.
    @discardableResult
    func put(_ key: String, bytes: [UInt8]) async throws -> ObjectInfo

    /// Opens an object of unknown length for writing; nothing is visible until the upload finished.
    func beginUpload(_ key: String) async throws -> any ObjectUpload

    /// An object's size, etag and time.
    func head(_ key: String) async throws -> ObjectInfo

    /// Objects whose key starts with `prefix`, each once. A directory and S3 itself list in the order of the keys'
    /// bytes; some S3 look-alikes list folder by folder.
    ///
    /// - Parameters:
    ///   - prefix: how the keys start; empty for all; need not end at a slash.
    ///   - pageSize: objects per page, 1...1000; the server may choose fewer.
    func list(prefix: String, pageSize: Int) -> ObjectPages

    /// Removes an object; a missing one is no error.
    func delete(_ key: String) async throws

    /// Copies an object of at most 5 GB inside the store.
    @discardableResult
    func copy(_ source: String, to destination: String) async throws -> ObjectInfo

    /// Ends running transfers with `.closed` and gives threads and connections back. Later calls throw `.closed`.
    func close() async
}

/// An upload in progress. It belongs to one task at a time, which ends it by `finish` or `abort`.
package protocol ObjectUpload: AnyObject {
    /// Appends bytes; returns when the upload is ready for more, so a fast producer waits here.
    func write(_ bytes: [UInt8]) async throws

    /// Makes the object visible.
    func finish() async throws -> ObjectInfo

    /// Drops what was written; also works in a cancelled task. Does nothing after `finish`.
    func abort() async
}

extension ObjectStore {
    /// Opens a whole object for reading.
    package func get(_ key: String) async throws -> ObjectBody {
        try await get(key, range: nil)
    }

    /// Reads a whole object into memory.
    ///
    /// - Throws: `.tooLarge` when the object has more than `bytesMax` bytes; nothing is read then.
    package func getWhole(_ key: String, bytesMax: Int) async throws -> [UInt8] {
        let body = try await get(key, range: nil)
        guard body.info.size <= bytesMax else {
            throw ObjectStoreError(
                .tooLarge, "has \(body.info.size) bytes where at most \(bytesMax) are expected", key: key)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.info.size)
        for try await chunk in body { bytes += chunk }
        return bytes
    }

    /// Stores what `write` appends to the upload; when it throws, nothing is stored.
    @discardableResult
    package func put(
        _ key: String,
        writing write: (any ObjectUpload) async throws -> Void
    ) async throws -> ObjectInfo {
        let upload = try await beginUpload(key)
        do {
            try await write(upload)
            return try await upload.finish()
        } catch {
            await upload.abort()
            throw error
        }
    }

    /// Stores a sequence of chunks of unknown length; when the sequence throws, nothing is stored.
    @discardableResult
    package func put<Chunks: AsyncSequence>(
        _ key: String,
        chunks: Chunks
    ) async throws -> ObjectInfo where Chunks.Element == [UInt8] {
        try await put(key) { upload in
            for try await chunk in chunks { try await upload.write(chunk) }
        }
    }

    /// Whether an object exists.
    package func exists(_ key: String) async throws -> Bool {
        do {
            _ = try await head(key)
            return true
        } catch let error as ObjectStoreError where error.kind == .notFound {
            return false
        }
    }

    /// Objects whose key starts with `prefix`, in pages as large as the store gives them.
    package func list(prefix: String) -> ObjectPages {
        list(prefix: prefix, pageSize: 1000)
    }

    /// Every object whose key starts with `prefix`, in the order of the keys' bytes.
    ///
    /// - Throws: `.tooLarge` when there are more than `countMax`.
    package func listWhole(prefix: String, countMax: Int) async throws -> [ObjectInfo] {
        var found: [ObjectInfo] = []
        for try await page in list(prefix: prefix) {
            found += page
            guard found.count <= countMax else {
                throw ObjectStoreError(.tooLarge, "more than \(countMax) objects start with this", key: prefix)
            }
        }
        return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}
