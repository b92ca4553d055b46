// Wrong keys, wrong buckets, TLS and the two ways to name a bucket, before real servers.

import TestServers
import Testing

@testable import ObjectStore

extension ObjectStoreSuites {
    @Suite(.timeLimit(.minutes(1))) struct AccessTests {}
}

extension ObjectStoreSuites.AccessTests {
    @Test(arguments: StoreKind.servers)
    func `a wrong secret is denied, and is told to nobody`(_ kind: StoreKind) async throws {
        let endpoint = try StoreServers.running().endpoint(kind)
        let credentials = S3Credentials(accessKeyID: endpoint.accessKeyID, secretAccessKey: "not-the-secret")
        try await closing(openStore(endpoint.url(prefix: "p"), credentials: credentials)) { store in
            var errors: [ObjectStoreError?] = []
            errors.append(await expectFailure(.accessDenied) { try await store.put("key", bytes: [1]) })
            errors.append(await expectFailure(.accessDenied) { try await store.get("key") })
            errors.append(await expectFailure(.accessDenied) { try await store.head("key") })
            errors.append(await expectFailure(.accessDenied) { try await store.listWhole(prefix: "", countMax: 1) })
            for error in errors {
                #expect(error?.isRetriable == false)
                #expect(!"\(String(describing: error))\(String(reflecting: error))".contains("not-the-secret"))
            }
        }
    }

    @Test(arguments: StoreKind.servers)
    func `an unknown access key is denied`(_ kind: StoreKind) async throws {
        let endpoint = try StoreServers.running().endpoint(kind)
        let credentials = S3Credentials(accessKeyID: "nobody", secretAccessKey: endpoint.secretAccessKey)
        try await closing(openStore(endpoint.url(prefix: "p"), credentials: credentials)) { store in
            await expectFailure(.accessDenied) { try await store.get("key") }
        }
    }

    @Test(arguments: StoreKind.servers)
    func `a missing bucket is told apart from a missing object`(_ kind: StoreKind) async throws {
        let endpoint = try StoreServers.running().endpoint(kind)
        try await closing(openStore("s3://no-such-bucket/p?endpoint=\(endpoint.address)")) { store in
            await expectFailure(.badBucket) { try await store.put("key", bytes: [1]) }
            await expectFailure(.badBucket) { try await store.get("key") }
            await expectFailure(.badBucket) { try await store.listWhole(prefix: "", countMax: 1) }
        }
    }

    @Test func `HTTPS works with the authority's file and fails for good without`() async throws {
        let server = try StoreServers.running().seaweed
        let address = try #require(server.secureAddress)
        let url = "s3://\(server.endpoint.bucket)/\(freshPrefix())?endpoint=\(address)"
        try await closing(openStore(url + "&ca_file=\(server.authorityFile)")) { store in
            let bytes = sampleBytes(6_000_000)
            try await store.put("key", bytes: bytes)
            #expect(try await store.getWhole("key", bytesMax: bytes.count) == bytes)
        }
        try await closing(openStore(url)) { store in
            let error = await expectFailure(.configuration) { try await store.get("key") }
            #expect(error?.isRetriable == false)
        }
        try await closing(openStore(url + "&ca_file=/no/such/file")) { store in
            await expectFailure(.configuration) { try await store.get("key") }
        }
    }

    @Test func `the bucket may be named in the host`() async throws {
        let server = try StoreServers.running().seaweed
        let prefix = freshPrefix()
        let url = "s3://\(server.endpoint.bucket)/\(prefix)?endpoint=http://localhost:\(server.port)&style=virtual"
        try await closing(openStore(url)) { store in
            try await store.put("a b/ключ", bytes: [1, 2, 3])
            try await store.copy("a b/ключ", to: "copy")
            #expect(try await store.listWhole(prefix: "", countMax: 10).map(\.key) == ["a b/ключ", "copy"])
        }
        try await closing(openStore(server.endpoint.url(prefix: prefix))) { store in
            let bytes = try await store.getWhole("copy", bytesMax: 3)
            #expect(bytes == [1, 2, 3])
        }
    }
}
