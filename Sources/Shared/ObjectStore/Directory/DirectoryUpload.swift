// An object being written into the directory store: a temporary file that a rename turns into the object.

import Glibc

/// One upload into a directory.
final class DirectoryUpload: ObjectUpload {
    /// A concurrent delete may remove a folder between its creation and the rename; then it is made again.
    private static let renameAttemptsMax = 100

    private let key: String
    private let path: String
    private let root: String
    private let queue: FileQueue
    private let temporary: TemporaryFile

    init(key: String, path: String, root: String, queue: FileQueue) async throws {
        self.key = key
        self.path = path
        self.root = root
        self.queue = queue
        temporary = try await queue.run { try TemporaryFile(root: root, key: key) }
    }

    func write(_ bytes: [UInt8]) async throws {
        try await queue.run { [temporary, key] in try temporary.file.write(bytes, key: key) }
    }

    func finish() async throws -> ObjectInfo {
        try await queue.run { [temporary, path, key] in
            try temporary.file.synchronize(key: key)
            let info = try DirectoryObjectStore.info(of: temporary.file.status(key: key), key: key)
            let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            for attempt in 1...Self.renameAttemptsMax {
                try makeFolders(folder, key: key)
                if rename(temporary.path, path) == 0 { break }
                let code = errno
                guard ![EISDIR, ENOTDIR, ENOTEMPTY, EEXIST].contains(code) else {
                    throw ObjectStoreError(folderInTheWayOf: key)
                }
                guard code == ENOENT, attempt < Self.renameAttemptsMax else {
                    throw ObjectStoreError(errno: code, doing: "rename", path: path, key: key)
                }
            }
            try synchronizeFolder(folder, key: key)
            return info
        }
    }

    /// The temporary file goes with its last owner, so there is nothing to wait for.
    func abort() async {
        temporary.remove()
    }
}

/// A file that is gone, unless renamed, when nobody refers to it any more.
private final class TemporaryFile: Sendable {
    let path: String
    let file: OpenFile

    init(root: String, key: String) throws(ObjectStoreError) {
        let folder = root + "/" + DirectoryObjectStore.temporaryFolder
        try makeFolders(folder, key: key)
        path = folder + "/" + String(UInt64.random(in: .min ... .max), radix: 36)
        file = try OpenFile(creating: path, key: key)
    }

    deinit {
        remove()
    }

    func remove() {
        unlink(path)
    }
}

/// Creates a folder and those above it.
///
/// A concurrent delete may remove a folder again at any moment; whoever needs it to be there still looks, and repeats.
func makeFolders(_ path: String, key: String?) throws(ObjectStoreError) {
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    var code = mkdir(path, 0o755) == 0 ? 0 : errno
    if code == ENOENT, !parent.isEmpty {
        try makeFolders(parent, key: key)
        code = mkdir(path, 0o755) == 0 ? 0 : errno
    }
    switch code {
    case 0:
        // Without this a crash could take the folder away together with the object in it.
        try synchronizeFolder(parent.isEmpty ? "/" : parent, key: key)
    case EEXIST:
        var status = stat()
        guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFDIR else {
            throw ObjectStoreError(folderInTheWayOf: key)
        }
    case ENOENT:
        return
    case ENOTDIR:
        throw ObjectStoreError(folderInTheWayOf: key)
    default:
        throw ObjectStoreError(errno: code, doing: "create", path: path, key: key)
    }
}

/// Returns when the names in a folder have reached the disk; a folder that is gone has none.
private func synchronizeFolder(_ path: String, key: String?) throws(ObjectStoreError) {
    do {
        try OpenFile(reading: path, key: key ?? "").synchronize(key: key ?? "")
    } catch  where error.kind == .notFound {
        return
    }
}

extension ObjectStoreError {
    /// In a file system, unlike in S3, a name is a file or a folder.
    init(folderInTheWayOf key: String?) {
        self.init(.conflict, "a directory cannot hold both an object 'a' and an object 'a/b'; rename one", key: key)
    }
}

/// Removes the folders that an object left empty, since a folder without objects does not exist in S3 either.
func removeEmptyFolders(from path: String, upTo root: String) {
    var folder = path[...]
    while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        guard folder.utf8.count > root.utf8.count, rmdir(String(folder)) == 0 else { return }
    }
}
