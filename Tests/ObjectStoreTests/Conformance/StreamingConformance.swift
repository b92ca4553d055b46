// What every store promises about streams: bounded memory, all or nothing, and ends that are prompt.

import Testing

@testable import ObjectStore

extension ObjectStoreSuites.ObjectStoreConformance {
    @Test(arguments: StoreKind.allCases)
    func `a hundred megabytes stream through unchanged`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let chunk = sampleBytes(1_000_003)
            var written = SHA256Hasher()
            let info = try await store.put("big") { upload in
                for _ in 0..<100 { try await upload.write(chunk) }
            }
            for _ in 0..<100 { written.update(chunk) }
            #expect(info.size == 100_000_300)

            var read = SHA256Hasher()
            var largestChunk = 0
            for try await piece in try await store.get("big") {
                read.update(piece)
                largestChunk = max(largestChunk, piece.count)
            }
            let (readHex, writtenHex) = (read.finishHex(), written.finishHex())
            #expect(readHex == writtenHex)
            #expect(largestChunk <= 2 * 1024 * 1024)
            #expect(try await store.head("big").etag == info.etag)
        }
    }

    /// Around the size of one part, where a put becomes an upload of several.
    @Test(arguments: StoreKind.allCases, [-1, 0, 1])
    func `a stream about as long as one part arrives whole`(_ kind: StoreKind, _ difference: Int) async throws {
        try await withStore(kind) { store in
            let bytes = sampleBytes(S3Limits.forTests.partBytes + difference)
            let streamed = try await store.put("streamed", chunks: chunks(of: bytes))
            #expect(streamed.size == bytes.count)
            #expect(try await store.getWhole("streamed", bytesMax: bytes.count) == bytes)
            #expect(try await store.put("at once", bytes: bytes).size == bytes.count)
            #expect(try await store.getWhole("at once", bytesMax: bytes.count) == bytes)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a stream of nothing makes an empty object`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.put("empty") { _ in }
            #expect(try await store.head("empty").size == 0)
        }
    }

    @Test(arguments: StoreKind.allCases, [1, 12_000_000])
    func `an upload that fails leaves nothing`(_ kind: StoreKind, _ count: Int) async throws {
        struct ProducerFailure: Error {}
        try await withStore(kind) { store in
            try await store.put("object", bytes: [7])
            await #expect(throws: ProducerFailure.self) {
                try await store.put("object") { upload in
                    try await upload.write(sampleBytes(count))
                    throw ProducerFailure()
                }
            }
            #expect(try await store.getWhole("object", bytesMax: 1) == [7])
            #expect(try await store.listWhole(prefix: "", countMax: 10).map(\.key) == ["object"])
            #expect(try await openUploads(store) == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `nothing is visible before an upload has finished`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let upload = try await store.beginUpload("object")
            try await upload.write(sampleBytes(12_000_000))
            let isVisible = try await store.exists("object")
            #expect(!isVisible)
            let listed = try await store.listWhole(prefix: "", countMax: 10)
            #expect(listed.isEmpty)
            _ = try await upload.finish()
            await upload.abort()
            #expect(try await store.head("object").size == 12_000_000)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a cancelled upload ends and leaves nothing`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let task = Task {
                try await store.put("object") { upload in
                    try await upload.write(sampleBytes(12_000_000))
                    withUnsafeCurrentTask { $0?.cancel() }
                    while true { try await upload.write(sampleBytes(100_000)) }
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let isVisible = try await store.exists("object")
            #expect(!isVisible)
            let left = try await openUploads(store)
            #expect(left == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a body that is dropped or whose reader is cancelled leaves the store usable`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let bytes = sampleBytes(20_000_000)
            try await store.put("object", bytes: bytes)
            for _ in 0..<3 {
                for try await _ in try await store.get("object") { break }
                let task = Task {
                    for try await _ in try await store.get("object") { withUnsafeCurrentTask { $0?.cancel() } }
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(try await store.getWhole("object", bytesMax: bytes.count) == bytes)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `many tasks use one store at once`(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<48 {
                    group.addTask {
                        let bytes = sampleBytes(20_000 + worker, seed: UInt64(worker))
                        try await store.put("objects/\(worker)", bytes: bytes)
                        #expect(try await store.getWhole("objects/\(worker)", bytesMax: 100_000) == bytes)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.listWhole(prefix: "objects/", countMax: 100).count == 48)
        }
    }

    private func chunks(of bytes: [UInt8]) -> AsyncStream<[UInt8]> {
        AsyncStream { continuation in
            for start in stride(from: 0, to: bytes.count, by: 777_777) {
                continuation.yield(Array(bytes[start..<min(start + 777_777, bytes.count)]))
            }
            continuation.finish()
        }
    }

    /// Ids of the uploads that a bucket still holds parts of, below the store's prefix.
    private func openUploads(_ store: any ObjectStore) async throws -> [String] {
        guard let store = store as? S3ObjectStore else { return [] }
        let prefix = String(store.summary.split(separator: " at ")[0].split(separator: "/")[1])
        var call = S3Call(method: .get, key: "")
        call.query = [(name: "uploads", value: ""), (name: "prefix", value: prefix)]
        var ids: [String] = []
        try await XMLPullParser.walk(store.client.send(call).body) { path, text in
            if path.suffix(2) == ["Upload", "UploadId"] { ids.append(text) }
        }
        return ids
    }
}
