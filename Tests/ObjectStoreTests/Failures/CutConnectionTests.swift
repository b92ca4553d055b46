// The S3 store over a network that cuts, before a real server: downloads resume to the byte or fail by type.

import TestServers
import Testing

@testable import ObjectStore

extension ObjectStoreSuites {
    @Suite(.timeLimit(.minutes(1))) struct CutConnectionTests {}
}

extension ObjectStoreSuites.CutConnectionTests {
    /// Stores an object, then opens a store that reaches the server through a proxy.
    private func withProxy(
        size: Int,
        cutAfter: @escaping @Sendable (Int) -> Int?,
        _ body: (_ direct: S3ObjectStore, _ proxied: S3ObjectStore, CuttingProxy, [UInt8]) async throws -> Void
    ) async throws {
        let server = try StoreServers.running().seaweed
        let prefix = freshPrefix()
        let proxy = try CuttingProxy(to: server.port, cutAfter: cutAfter)
        defer { proxy.close() }
        let bytes = sampleBytes(size)
        try await closing(openStore(server.endpoint.url(prefix: prefix))) { direct in
            try await direct.put("object", bytes: bytes)
            let url = "s3://\(server.endpoint.bucket)/\(prefix)?endpoint=\(proxy.address)"
            try await closing(openStore(url)) { proxied in try await body(direct, proxied, proxy, bytes) }
        }
    }

    @Test(arguments: [10, 1_000, 200_000, 2_999_999])
    func `a download that is cut once resumes and is exact`(_ cutAfter: Int) async throws {
        try await withProxy(size: 3_000_000) {
            $0 == 0 ? cutAfter : nil
        } _: { _, store, proxy, bytes in
            let whole = try await store.getWhole("object", bytesMax: bytes.count)
            #expect(whole == bytes)
            #expect(proxy.connectionCount == 2)
            let range = 1_000_000..<2_500_000
            #expect(try await collect(store.get("object", range: range)) == Array(bytes[range]))
        }
    }

    @Test func `a download over a line that cuts every connection succeeds as long as it advances`() async throws {
        try await withProxy(size: 12_000_000) { _ in
            1_500_000
        } _: { _, store, proxy, bytes in
            let whole = try await store.getWhole("object", bytesMax: bytes.count)
            #expect(whole == bytes)
            #expect(proxy.connectionCount >= 8)
        }
    }

    @Test func `a download that is always cut fails as a network failure`() async throws {
        try await withProxy(size: 3_000_000) { _ in
            10_000
        } _: { _, store, proxy, bytes in
            let error = await expectFailure(.network) { try await store.getWhole("object", bytesMax: bytes.count) }
            #expect(error?.isRetriable == true)
            #expect(error?.key == "object")
            #expect(proxy.connectionCount == S3Limits.forTests.attemptsMax)
        }
    }

    @Test func `an upload whose answers are cut is repeated and arrives whole`() async throws {
        try await withProxy(size: 1) {
            $0 % 2 == 0 ? 20 : nil
        } _: { direct, store, _, _ in
            let bytes = sampleBytes(12_000_000, seed: 5)
            try await store.put("uploaded", bytes: bytes)
            #expect(try await direct.getWhole("uploaded", bytesMax: bytes.count) == bytes)
        }
    }

    @Test func `an object replaced between the cut and the rest is a conflict, never a mixture`() async throws {
        try await withProxy(size: 20_000_000) {
            $0 == 0 ? 2_000_000 : nil
        } _: { direct, store, _, bytes in
            let body = try await store.get("object")
            var iterator = body.makeAsyncIterator()
            _ = try await iterator.next()
            try await direct.put("object", bytes: sampleBytes(bytes.count, seed: 9))
            await expectFailure(.conflict) { while try await iterator.next() != nil {} }
        }
    }
}
