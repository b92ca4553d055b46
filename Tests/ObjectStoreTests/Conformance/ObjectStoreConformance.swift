// What every store promises, checked against every store: single objects, ranges, keys. The streaming and
// listing promises are in the files beside this one.

import Testing

@testable import ObjectStore

extension ObjectStoreSuites {
    @Suite(.timeLimit(.minutes(2))) struct ObjectStoreConformance {}
}

extension ObjectStoreSuites.ObjectStoreConformance {
    @Test(arguments: StoreKind.allCases, [0, 1, 1000, 1_048_577])
    func `what was put is got`(_ kind: StoreKind, _ count: Int) async throws {
        try await withStore(kind) { store in
            let bytes = sampleBytes(count)
            let put = try await store.put("folder/object.bin", bytes: bytes)
            #expect(put.key == "folder/object.bin")
            #expect(put.size == count)

            let body = try await store.get("folder/object.bin")
            #expect(body.info.size == count)
            #expect(try await collect(body) == bytes)

            let head = try await store.head("folder/object.bin")
            #expect(head.size == count)
            #expect(head.etag == body.info.etag)
            #expect(!head.etag.isEmpty)
            #expect(abs(head.modifiedAtMs - put.modifiedAtMs) <= 2000)
            #expect(head.modifiedAtMs > 1_700_000_000_000)
            #expect(try await store.getWhole("folder/object.bin", bytesMax: count) == bytes)
        }
    }

    /// Everything that has a meaning somewhere between a key and a file, in a URL, in XML or in a signature.
    static let strangeKeys = [
        "with space", "a+b", "a%b", "a%20b", "100%", "(round)", "it's", "!bang*star", "~tilde~", "k=v", "a&b",
        "a#b", "a?b=c", "a:b;c,d", "a@b$c", "[x]{y}|z^`", "quote\"quote", "<tag>&amp;",
        "события/март.csv", "日本/語", "é", ".hidden", "...", "a/..b/c..", "-dash", "trailing.",
        "events/user_id=42/a b.csv.gz",
    ]

    @Test(arguments: StoreKind.allCases)
    func `a key of any characters is put, got, listed, copied and deleted`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for (index, key) in Self.strangeKeys.enumerated() {
                let bytes = sampleBytes(index + 1)
                try await store.put(key, bytes: bytes)
                #expect(try await store.getWhole(key, bytesMax: 100) == bytes, "\(key)")
                #expect(try await store.head(key).size == bytes.count, "\(key)")
                #expect(try await store.listWhole(prefix: key, countMax: 10).first?.key == key, "\(key)")
                try await store.copy(key, to: "copies/" + key)
                #expect(try await store.getWhole("copies/" + key, bytesMax: 100) == bytes, "\(key)")
            }
            let listed = try await store.listWhole(prefix: "", countMax: 1000).map(\.key)
            #expect(Set(listed) == Set(Self.strangeKeys + Self.strangeKeys.map { "copies/" + $0 }))
            for key in Self.strangeKeys {
                try await store.delete(key)
                #expect(try await store.exists(key) == false, "\(key)")
            }
            let left = try await store.listWhole(prefix: "", countMax: 1000).map(\.key)
            #expect(Set(left) == Set(Self.strangeKeys.map { "copies/" + $0 }))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a key as long as keys may be works`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            // The prefix of the S3 stores counts, hence 990.
            let key = String(String(repeating: String(repeating: "x", count: 200) + "/", count: 5).prefix(990)) + "z"
            try await store.put(key, bytes: [1, 2, 3])
            #expect(try await store.getWhole(key, bytesMax: 3) == [1, 2, 3])
            #expect(try await store.listWhole(prefix: key, countMax: 1).map(\.key) == [key])
        }
    }

    static let refusedKeys = [
        "", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "a\0b", "a\\b", String(repeating: "k", count: 1025),
    ]

    @Test(arguments: StoreKind.allCases)
    func `a key that not every store can hold is refused`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for key in Self.refusedKeys {
                await expectFailure(.invalidKey) { try await store.get(key) }
                await expectFailure(.invalidKey) { try await store.put(key, bytes: []) }
                await expectFailure(.invalidKey) { _ = try await store.beginUpload(key) }
                await expectFailure(.invalidKey) { try await store.head(key) }
                await expectFailure(.invalidKey) { try await store.delete(key) }
                await expectFailure(.invalidKey) { try await store.copy(key, to: "b") }
                await expectFailure(.invalidKey) { try await store.copy("b", to: key) }
            }
            await expectFailure(.invalidKey) { try await store.listWhole(prefix: "../", countMax: 10) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a range gives exactly its bytes`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let bytes = sampleBytes(10_000)
            try await store.put("object", bytes: bytes)
            for range in [0..<1, 0..<10_000, 1..<9_999, 5_000..<5_001, 9_999..<10_000] {
                let body = try await store.get("object", range: range)
                #expect(body.info.size == bytes.count)
                #expect(try await collect(body) == Array(bytes[range]), "\(range)")
            }
            let tail = try await store.get("object", range: 9_000..<20_000)
            #expect(try await collect(tail) == Array(bytes[9_000...]))
            for range in [10_000..<10_001, 5..<5, 50_000..<60_000] {
                await expectFailure(.invalidRange) { try await store.get("object", range: range) }
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a second put replaces the first`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let first = try await store.put("object", bytes: sampleBytes(1000, seed: 1))
            let second = try await store.put("object", bytes: sampleBytes(500, seed: 2))
            #expect(first.etag != second.etag)
            #expect(try await store.getWhole("object", bytesMax: 1000) == sampleBytes(500, seed: 2))
            #expect(try await store.head("object").etag == second.etag)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a missing object is not found, and deleting it is no error`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.put("folder/object", bytes: [1])
            for key in ["missing", "folder/missing", "folder"] {
                let error = await expectFailure(.notFound) { try await store.get(key) }
                #expect(error?.key == key)
                #expect(error?.isRetriable == false)
                await expectFailure(.notFound) { try await store.head(key) }
                await expectFailure(.notFound) { try await store.copy(key, to: "copy") }
                #expect(try await store.exists(key) == false)
            }
            try await store.delete("missing")
            try await store.delete("folder/missing")
            #expect(try await store.exists("folder/object"))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an object longer than the reader allows is not read`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.put("object", bytes: sampleBytes(1001))
            await expectFailure(.tooLarge) { try await store.getWhole("object", bytesMax: 1000) }
            #expect(try await store.getWhole("object", bytesMax: 1001).count == 1001)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a copy is an object of its own`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let bytes = sampleBytes(300_000)
            try await store.put("a", bytes: bytes)
            let copy = try await store.copy("a", to: "b/c")
            #expect(copy.key == "b/c")
            #expect(copy.size == bytes.count)
            try await store.delete("a")
            #expect(try await store.getWhole("b/c", bytesMax: bytes.count) == bytes)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a closed store says so`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.put("object", bytes: sampleBytes(20_000_000))
            let body = try await store.get("object")
            var iterator = body.makeAsyncIterator()
            _ = try await iterator.next()
            await store.close()
            await expectFailure(.closed) { while try await iterator.next() != nil {} }
            await expectFailure(.closed) { try await store.get("object") }
            await expectFailure(.closed) { try await store.put("object", bytes: [1]) }
            await expectFailure(.closed) { try await store.listWhole(prefix: "", countMax: 1) }
            await store.close()
        }
    }
}
