// One open file, closed exactly once, with the handful of calls the directory store needs. Everything here
// blocks; only work on a FileQueue may call it.

import Glibc

/// A file descriptor that closes itself.
final class OpenFile: Sendable {
    let descriptor: Int32
    private let path: String

    convenience init(reading path: String, key: String) throws(ObjectStoreError) {
        try self.init(path, flags: O_RDONLY, key: key)
    }

    convenience init(creating path: String, key: String) throws(ObjectStoreError) {
        try self.init(path, flags: O_WRONLY | O_CREAT | O_EXCL, key: key)
    }

    private init(_ path: String, flags: Int32, key: String) throws(ObjectStoreError) {
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
        self.path = path
        guard descriptor >= 0 else { throw ObjectStoreError(errno: errno, doing: "open", path: path, key: key) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Size, identity and time of the open file.
    func status(key: String) throws(ObjectStoreError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ObjectStoreError(errno: errno, doing: "inspect", path: path, key: key)
        }
        return status
    }

    /// Up to `count` bytes at `offset`; fewer only at the file's end.
    func read(at offset: Int, count: Int, key: String) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, offset + filled)
                if got == 0 { return }
                if got > 0 {
                    filled += got
                } else if errno != EINTR {
                    throw ObjectStoreError(errno: errno, doing: "read", path: path, key: key)
                }
            }
        }
    }

    /// Appends all of `bytes`.
    func write(_ bytes: [UInt8], key: String) throws(ObjectStoreError) {
        var written = 0
        while written < bytes.count {
            let got = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if got > 0 {
                written += got
            } else if got < 0, errno != EINTR {
                throw ObjectStoreError(errno: errno, doing: "write", path: path, key: key)
            }
        }
    }

    /// Returns when the content has reached the disk.
    func synchronize(key: String) throws(ObjectStoreError) {
        guard fsync(descriptor) == 0 else {
            throw ObjectStoreError(errno: errno, doing: "flush", path: path, key: key)
        }
    }
}

extension ObjectStoreError {
    /// What a failed file call means for the object.
    init(errno code: Int32, doing verb: String, path: String, key: String?) {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOENT, ENOTDIR:
            self.init(.notFound, "no such object", key: key)
        case EACCES, EPERM, EROFS:
            self.init(
                .accessDenied, "cannot \(verb) '\(path)': \(reason); check the directory's owner and mode", key: key)
        case ENAMETOOLONG:
            self.init(.invalidKey, "the file system's path length is exceeded by '\(path)'", key: key)
        default:
            self.init(.fileSystem, "cannot \(verb) '\(path)': \(reason)", key: key)
        }
    }
}
