// The store in a local directory, the embedded default: a key is a path below the root. Objects appear by an
// atomic rename of a finished, flushed file, so a reader or a crash never meets half of one.

import Glibc
import Synchronization

/// Objects as files below one directory.
package final class DirectoryObjectStore: ObjectStore {
    /// Where unfinished files live: in the root, so that the rename stays within one file system.
    static let temporaryFolder = ".freshet-unfinished"
    private static let chunkBytes = 256 * 1024
    /// An upload that has written nothing for so long has no writer any more.
    private static let abandonedAfterSeconds = 24 * 60 * 60

    let root: String
    let queue = FileQueue()
    private let isClosed = Atomic<Bool>(false)

    package var summary: String { "directory \(root)" }

    /// - Parameter path: an absolute path; the directory is created when it does not exist.
    package init(path: String) throws(ObjectStoreError) {
        guard path.hasPrefix("/") else {
            throw ObjectStoreError(.configuration, "'\(path)' is not an absolute path; write file:///absolute/path")
        }
        var trimmed = Substring(path)
        while trimmed.hasSuffix("/"), trimmed.count > 1 { trimmed.removeLast() }
        root = String(trimmed)
        try makeFolders(root, key: nil)
        removeAbandonedFiles()
    }

    package func get(_ key: String, range: Range<Int>?) async throws -> ObjectBody {
        let path = try path(for: key)
        let (file, info) = try await queue.run {
            let file = try OpenFile(reading: path, key: key)
            return (file, try Self.info(of: file.status(key: key), key: key))
        }
        let wanted = try ByteRange.clamp(range, size: info.size, key: key)
        let position = Mutex(wanted.lowerBound)
        return ObjectBody(info: info) { [self] in
            try checkOpen(key)
            let offset = position.withLock { $0 }
            let count = min(Self.chunkBytes, wanted.upperBound - offset)
            guard count > 0 else { return nil }
            let chunk = try await queue.run { try file.read(at: offset, count: count, key: key) }
            guard chunk.count == count else {
                throw ObjectStoreError(.corrupted, "the file became shorter while it was read", key: key)
            }
            position.withLock { $0 += count }
            return chunk
        }
    }

    @discardableResult
    package func put(_ key: String, bytes: [UInt8]) async throws -> ObjectInfo {
        try await put(key) { upload in try await upload.write(bytes) }
    }

    package func beginUpload(_ key: String) async throws -> any ObjectUpload {
        let path = try path(for: key)
        return try await DirectoryUpload(key: key, path: path, root: root, queue: queue)
    }

    package func head(_ key: String) async throws -> ObjectInfo {
        let path = try path(for: key)
        return try await queue.run {
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw ObjectStoreError(errno: errno, doing: "inspect", path: path, key: key)
            }
            return try Self.info(of: status, key: key)
        }
    }

    package func list(prefix: String, pageSize: Int) -> ObjectPages {
        ObjectPages { [self] in
            let walk = Mutex<DirectoryWalk?>(nil)
            return { [self] in
                try checkOpen(prefix)
                try ObjectKey.validatePrefix(prefix)
                return try await queue.run { [root] in
                    try walk.withLock { walk in
                        var current = try walk ?? DirectoryWalk(root: root, prefix: prefix)
                        let page = try current.next(count: max(1, min(pageSize, 1000)))
                        walk = current
                        return page
                    }
                }
            }
        }
    }

    package func delete(_ key: String) async throws {
        let path = try path(for: key)
        try await queue.run { [root] in
            // A folder is not an object, so it is as missing as a file that never was.
            guard unlink(path) == 0 else {
                let code = errno
                if code == ENOENT || code == ENOTDIR || code == EISDIR { return }
                throw ObjectStoreError(errno: code, doing: "remove", path: path, key: key)
            }
            removeEmptyFolders(from: path, upTo: root)
        }
    }

    @discardableResult
    package func copy(_ source: String, to destination: String) async throws -> ObjectInfo {
        try ObjectKey.validate(destination)
        return try await put(destination, chunks: get(source))
    }

    package func close() async {
        isClosed.store(true, ordering: .releasing)
    }

    /// Uploads that a crash interrupted leave their files; those of a running process are younger.
    private func removeAbandonedFiles() {
        let folder = root + "/" + Self.temporaryFolder
        guard let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        while let item = readdir(stream) {
            let path = folder + "/" + DirectoryWalk.name(of: item)
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if CalendarTime.nowSeconds() - status.st_mtim.tv_sec > Self.abandonedAfterSeconds { unlink(path) }
        }
    }

    private func path(for key: String) throws(ObjectStoreError) -> String {
        try checkOpen(key)
        try ObjectKey.validate(key)
        guard !key.hasPrefix(Self.temporaryFolder + "/"), key != Self.temporaryFolder else {
            throw ObjectStoreError(
                .invalidKey, "'\(Self.temporaryFolder)' is where the store keeps its unfinished files", key: key)
        }
        return root + "/" + key
    }

    private func checkOpen(_ key: String) throws(ObjectStoreError) {
        guard !isClosed.load(ordering: .acquiring) else {
            throw ObjectStoreError(.closed, "the store is closed", key: key)
        }
    }

    /// The etag is made of what changes whenever a file is replaced: time, size and file number.
    static func info(of status: stat, key: String) throws(ObjectStoreError) -> ObjectInfo {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ObjectStoreError(.notFound, "no such object", key: key)
        }
        let seconds = Int64(status.st_mtim.tv_sec)
        let nanoseconds = Int64(status.st_mtim.tv_nsec)
        let etag = [Int64(status.st_ino), seconds, nanoseconds, Int64(status.st_size)]
            .map { String($0, radix: 16) }.joined(separator: "-")
        return ObjectInfo(
            key: key, size: Int(status.st_size), etag: etag,
            modifiedAtMs: seconds * 1000 + nanoseconds / 1_000_000)
    }
}
