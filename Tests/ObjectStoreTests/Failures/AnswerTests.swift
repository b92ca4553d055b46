// What the S3 store sends, and how it reads answers that are not what they should be.

import Testing

@testable import ObjectStore

@Suite(.timeLimit(.minutes(1))) struct AnswerTests {
    @Test func `every request carries its body's hash, and no Expect`() async throws {
        try await withScript { _, _ in
            .answer(status: 200)
        } _: { store, server in
            try await store.put("a b/я", bytes: Array("abc".utf8))
            try await store.put("empty", bytes: [])
            try await store.delete("key")
            let requests = server.requests
            #expect(requests.map(\.method) == ["PUT", "PUT", "DELETE"])
            #expect(requests[0].target == "/bucket/store/a%20b/%D1%8F")
            for request in requests {
                #expect(request.headers["x-amz-content-sha256"] == SHA256Hasher.hex(of: request.body))
                #expect(request.headers["expect"] == nil)
                #expect(request.headers["content-type"] == nil)
                #expect(request.headers["transfer-encoding"] == nil)
            }
            #expect(requests[1].headers["content-length"] == "0")
        }
    }

    @Test func `a session token is sent and signed`() async throws {
        let server = try ScriptedServer { _, _ in .answer(status: 200) }
        defer { server.close() }
        let credentials = S3Credentials(accessKeyID: "id", secretAccessKey: "hush", sessionToken: "token")
        try await closing(openStore(server.url, credentials: credentials)) { store in
            try await store.delete("key")
            let headers = server.requests[0].headers
            #expect(headers["x-amz-security-token"] == "token")
            #expect(headers["authorization"]?.contains("x-amz-security-token,Signature=") == true)
        }
    }

    @Test(arguments: [
        "", "<html>", "no xml", "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>store/a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>elsewhere/a</Key><Size>1</Size></Contents></ListBucketResult>",
    ])
    func `a listing that makes no sense is corrupted`(_ xml: String) async throws {
        try await withScript { _, _ in
            .answer(status: 200, body: xml)
        } _: { store, _ in
            await expectFailure(.corrupted) { try await store.listWhole(prefix: "", countMax: 10) }
        }
    }

    @Test func `a listing that gives the same token again ends`() async throws {
        let page =
            "<ListBucketResult><IsTruncated>true</IsTruncated>"
            + "<NextContinuationToken>again</NextContinuationToken></ListBucketResult>"
        try await withScript { _, _ in
            .answer(status: 200, body: page)
        } _: { store, server in
            await expectFailure(.corrupted) { try await store.listWhole(prefix: "", countMax: 10) }
            #expect(server.requests.count == 2)
        }
    }

    @Test func `folder markers are no objects, and encoded keys are decoded`() async throws {
        let page =
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
            + "<Contents><Key>store/folder/</Key><Size>0</Size></Contents>"
            + "<Contents><Key>store/a+b%2Bc%26</Key><Size>3</Size><ETag>&quot;tag&quot;</ETag>"
            + "<LastModified>2009-10-12T17:50:30.000Z</LastModified></Contents></ListBucketResult>"
        try await withScript { _, _ in
            .answer(status: 200, body: page)
        } _: { store, _ in
            let listed = try await store.listWhole(prefix: "", countMax: 10)
            #expect(
                listed == [ObjectInfo(key: "a b+c&", size: 3, etag: "tag", modifiedAtMs: 1_255_369_830_000)])
        }
    }

    @Test func `an answer longer than any answer may be is not read to its end`() async throws {
        let endless = "<a>" + String(repeating: "x", count: 9 * 1024 * 1024)
        try await withScript { _, _ in
            .answer(status: 200, body: endless)
        } _: { store, _ in
            await expectFailure(.corrupted) { try await store.listWhole(prefix: "", countMax: 10) }
        }
    }

    @Test func `an upload whose completion fails behind its 200 fails, and is aborted`() async throws {
        let begun = "<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId></InitiateMultipartUploadResult>"
        try await withScript { request, _ in
            switch (request.method, request.target.contains("uploads=")) {
            case ("POST", true): .answer(status: 200, body: begun)
            case ("POST", false): .failure(200, "InvalidPart", "a part is missing")
            case ("PUT", _): .answer(status: 200, headers: ["ETag": "\"part\""])
            default: .answer(status: 204, headers: ["Content-Length": "0"])
            }
        } _: { store, server in
            let error = await expectFailure(.server) { try await store.put("key", bytes: sampleBytes(6_000_000)) }
            #expect(error?.serverCode == "InvalidPart")
            #expect(server.requests.suffix(1).map(\.method) == ["DELETE"])
            #expect(server.requests.last?.target == "/bucket/store/key?uploadId=u%261")
        }
    }

    @Test func `a server that ignores a range is found out`() async throws {
        try await withScript { _, _ in
            .answer(status: 200, body: "0123456789")
        } _: { store, _ in
            await expectFailure(.rejected) { try await store.get("key", range: 2..<4) }
        }
        let shifted = ScriptedAnswer.answer(status: 206, headers: ["Content-Range": "bytes 0-1/10"], body: "01")
        try await withScript { _, _ in
            shifted
        } _: { store, _ in
            await expectFailure(.corrupted) { try await store.get("key", range: 2..<4) }
        }
    }
}
