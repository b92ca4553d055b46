// What only the directory store has: files, folders, and what others left there.

import FoundationEssentials
import Glibc
import TestServers
import Testing

@testable import ObjectStore

@Suite struct DirectoryStoreTests {
    private func withDirectory(_ body: (DirectoryObjectStore, TemporaryFolder) async throws -> Void) async throws {
        let folder = try TemporaryFolder("directory")
        defer { folder.remove() }
        try await body(DirectoryObjectStore(path: folder.path + "/"), folder)
    }

    @Test func `an object is a plain file at its key`() async throws {
        try await withDirectory { store, folder in
            try await store.put("a/b.txt", bytes: Array("text".utf8))
            #expect(try String(contentsOfFile: folder.appending("a/b.txt"), encoding: .utf8) == "text")
            _ = try folder.write("by hand", to: "c.txt")
            #expect(try await store.getWhole("c.txt", bytesMax: 10) == Array("by hand".utf8))
            #expect(try await store.listWhole(prefix: "", countMax: 10).map(\.key) == ["a/b.txt", "c.txt"])
        }
    }

    @Test func `a reader keeps the object that it opened`() async throws {
        try await withDirectory { store, _ in
            let bytes = sampleBytes(2_000_000)
            try await store.put("object", bytes: bytes)
            let body = try await store.get("object")
            try await store.put("object", bytes: [1])
            #expect(try await collect(body) == bytes)
        }
    }

    @Test func `a file that shrinks under its reader is corrupted, not short`() async throws {
        try await withDirectory { store, folder in
            try await store.put("object", bytes: sampleBytes(2_000_000))
            let body = try await store.get("object")
            truncate(folder.appending("object"), 1_000_000)
            await expectFailure(.corrupted) { try await collect(body) }
        }
    }

    @Test func `an object and a folder cannot have one name, and the error says so`() async throws {
        try await withDirectory { store, _ in
            try await store.put("a/b", bytes: [1])
            let error = await expectFailure(.conflict) { try await store.put("a", bytes: [1]) }
            #expect(error?.message.contains("a/b") == true)
            await expectFailure(.conflict) { try await store.put("a/b/c", bytes: [1]) }
            await expectFailure(.notFound) { try await store.get("a") }
            await expectFailure(.notFound) { try await store.get("a/b/c") }
            try await store.delete("a")
            #expect(try await store.listWhole(prefix: "", countMax: 10).map(\.key) == ["a/b"])
        }
    }

    @Test func `unfinished files are never listed, and go with their upload`() async throws {
        try await withDirectory { store, folder in
            do {
                let upload = try await store.beginUpload("object")
                try await upload.write([1, 2, 3])
                #expect(names(in: folder.appending(DirectoryObjectStore.temporaryFolder)).count == 1)
                #expect(try await store.listWhole(prefix: "", countMax: 10).isEmpty)
            }
            #expect(names(in: folder.appending(DirectoryObjectStore.temporaryFolder)).isEmpty)
            await expectFailure(.invalidKey) { try await store.get(DirectoryObjectStore.temporaryFolder + "/x") }
        }
    }

    @Test func `what a crash left unfinished is removed a day later`() async throws {
        try await withDirectory { store, folder in
            let upload = try await store.beginUpload("object")
            try await upload.write([1, 2, 3])
            let old = try folder.write("left by a crash", to: DirectoryObjectStore.temporaryFolder + "/old")
            let times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 0), timespec(tv_sec: 1_700_000_000, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, old, times, 0) == 0)
            _ = try DirectoryObjectStore(path: folder.path)
            let left = names(in: folder.appending(DirectoryObjectStore.temporaryFolder))
            #expect(left.count == 1 && left != ["old"])
            #expect(try await upload.finish().size == 3)
        }
    }

    @Test func `puts and deletes in one folder do not disturb one another`() async throws {
        try await withDirectory { store, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        for _ in 0..<100 {
                            try await store.put("folder/\(worker)", bytes: [1])
                            try await store.delete("folder/\(worker)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.listWhole(prefix: "", countMax: 10).isEmpty)
        }
    }

    @Test func `a directory that vanished is told`() async throws {
        try await withDirectory { store, folder in
            folder.remove()
            await expectFailure(.badBucket) { try await store.listWhole(prefix: "", countMax: 10) }
        }
    }

    @Test func `a path that is a file is refused`() throws {
        let folder = try TemporaryFolder("directory")
        defer { folder.remove() }
        let path = try folder.write("a file", to: "file")
        #expect { try DirectoryObjectStore(path: path) } throws: { ($0 as? ObjectStoreError)?.kind == .conflict }
        #expect { try DirectoryObjectStore(path: "relative") } throws: {
            ($0 as? ObjectStoreError)?.kind == .configuration
        }
    }

    private func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
