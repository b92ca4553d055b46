// A listing of the directory store: depth first, in the order of the whole keys' bytes, as S3 lists. It holds
// one folder's names per level, so memory is bounded by the largest folders and not by the number of objects.

import Glibc

/// The state of one listing between its pages.
struct DirectoryWalk: Sendable {
    private struct Entry {
        /// The key as far as this entry; a folder's ends in a slash, which is what makes the byte order right.
        let key: String
        var isFolder: Bool { key.utf8.last == UInt8(ascii: "/") }
    }

    private let root: String
    private let prefix: String
    /// What is still to be visited, the next one last.
    private var pending: [Entry] = []

    init(root: String, prefix: String) throws(ObjectStoreError) {
        self.root = root
        self.prefix = prefix
        let folder = prefix.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(prefix[...$0]) } ?? ""
        try open(folder)
    }

    /// The next objects, at most `count`; nil when all have been seen.
    mutating func next(count: Int) throws(ObjectStoreError) -> [ObjectInfo]? {
        var page: [ObjectInfo] = []
        while page.count < count, let entry = pending.popLast() {
            if entry.isFolder {
                try open(entry.key)
            } else {
                var status = stat()
                // An object removed since its folder was read is simply not there any more.
                guard stat(root + "/" + entry.key, &status) == 0 else { continue }
                if let info = try? DirectoryObjectStore.info(of: status, key: entry.key) { page.append(info) }
            }
        }
        return page.isEmpty ? nil : page
    }

    /// Puts a folder's entries before everything pending.
    private mutating func open(_ folder: String) throws(ObjectStoreError) {
        let path = folder.isEmpty ? root : root + "/" + folder.dropLast()
        guard let stream = opendir(path) else {
            let code = errno
            if code == ENOENT || code == ENOTDIR {
                if folder.isEmpty {
                    throw ObjectStoreError(.badBucket, "the directory '\(root)' does not exist any more")
                }
                return
            }
            throw ObjectStoreError(errno: code, doing: "list", path: path, key: folder)
        }
        defer { closedir(stream) }
        var found: [Entry] = []
        while let item = readdir(stream) {
            let name = Self.name(of: item)
            guard !name.isEmpty, name != ".", name != "..", !(folder.isEmpty && isTemporary(name)) else { continue }
            var isFolder = item.pointee.d_type == DT_DIR
            if item.pointee.d_type != DT_DIR, item.pointee.d_type != DT_REG {
                var status = stat()
                isFolder = stat(path + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            }
            let entry = Entry(key: folder + name + (isFolder ? "/" : ""))
            if isWanted(entry) { found.append(entry) }
        }
        pending += found.sorted { $1.key.utf8.lexicographicallyPrecedes($0.key.utf8) }
    }

    /// A directory entry's name; empty when it is not UTF-8, which no key is.
    static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) } ?? ""
        }
    }

    private func isTemporary(_ name: String) -> Bool {
        name == DirectoryObjectStore.temporaryFolder
    }

    private func isWanted(_ entry: Entry) -> Bool {
        entry.key.utf8.starts(with: prefix.utf8) || (entry.isFolder && prefix.utf8.starts(with: entry.key.utf8))
    }
}
