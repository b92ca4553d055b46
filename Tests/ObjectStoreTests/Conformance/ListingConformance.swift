// What every store promises about listings.

import Testing

@testable import ObjectStore

extension ObjectStoreSuites.ObjectStoreConformance {
    @Test(arguments: StoreKind.allCases)
    func `a listing is in the order of the keys' bytes and knows each object`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            // '-' and '.' sort before the slash, '0' and letters behind it, capitals before small letters.
            let keys = ["a-b", "a.b", "a/b", "a/c/d", "a/c0", "a0", "aB", "ab", "b", "Ä", "я"]
            for (index, key) in keys.shuffled().enumerated() { try await store.put(key, bytes: sampleBytes(index)) }
            let objects = try await store.listWhole(prefix: "", countMax: 100)
            #expect(objects.map(\.key) == keys)
            var asGiven: [String] = []
            for try await page in store.list(prefix: "", pageSize: 3) { asGiven += page.map(\.key) }
            // SeaweedFS lists the folder 'a' before 'a-b', by the folder's bare name.
            if kind == .seaweed { asGiven.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
            #expect(asGiven == keys)
            for object in objects {
                let head = try await store.head(object.key)
                #expect(object.size == head.size)
                #expect(object.etag == head.etag)
                #expect(abs(object.modifiedAtMs - head.modifiedAtMs) <= 1000)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a prefix need not end at a slash`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for key in ["run", "run-1/a", "run-10/a", "run-2/a", "runs/a", "other/run"] {
                try await store.put(key, bytes: [])
            }
            func keys(_ prefix: String) async throws -> [String] {
                try await store.listWhole(prefix: prefix, countMax: 100).map(\.key)
            }
            #expect(try await keys("run-1") == ["run-1/a", "run-10/a"])
            #expect(try await keys("run-1/") == ["run-1/a"])
            #expect(try await keys("run-1/a") == ["run-1/a"])
            #expect(try await keys("run") == ["run", "run-1/a", "run-10/a", "run-2/a", "runs/a"])
            #expect(try await keys("nothing/here") == [])
            #expect(try await keys("run-1/a/b") == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an empty store lists no page`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for try await page in store.list(prefix: "") { Issue.record("a page of \(page.count)") }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `more than a thousand keys come in pages, each once`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            // The gateway writes each object to its database and to the disk, so it gets fewer.
            let count = kind == .juice ? 250 : 1_050
            let keys = (0..<count).map { "folder-\($0 % 7)/key-\($0 + 10_000)" }.sorted()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for index in stride(from: worker, to: keys.count, by: 8) {
                            try await store.put(keys[index], bytes: [UInt8(truncatingIfNeeded: index)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            for pageSize in [1000, 99] {
                var found: [String] = []
                for try await page in store.list(prefix: "folder-", pageSize: pageSize) {
                    #expect(page.count <= pageSize)
                    found += page.map(\.key)
                }
                #expect(found == keys, "pages of \(pageSize)")
            }
            await expectFailure(.tooLarge) { try await store.listWhole(prefix: "folder-", countMax: count - 1) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a folder that was emptied is gone`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.put("a/b/c/object", bytes: [1])
            try await store.put("a/other", bytes: [1])
            try await store.delete("a/b/c/object")
            #expect(try await store.listWhole(prefix: "", countMax: 10).map(\.key) == ["a/other"])
            // What was a folder may become an object.
            try await store.put("a/b", bytes: [2])
            #expect(try await store.getWhole("a/b", bytesMax: 1) == [2])
        }
    }
}
