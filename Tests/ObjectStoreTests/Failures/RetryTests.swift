// What the S3 store does when a server is overloaded, broken, slow or lying.

import Testing

@testable import ObjectStore

@Suite(.timeLimit(.minutes(1))) struct RetryTests {
    @Test(arguments: [
        ScriptedAnswer.failure(503, "SlowDown"), .failure(500, "InternalError"), .answer(status: 429),
        .answer(status: 502, body: "<html>bad gateway"), .failure(400, "RequestTimeout"), .cut,
        .bytesThenSilence("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"),
    ])
    func `a put is repeated after a transient failure`(_ failure: ScriptedAnswer) async throws {
        var limits = S3Limits.forTests
        limits.stallTimeoutMs = 200
        try await withScript(limits: limits) { _, number in
            number < 2 ? failure : .answer(status: 200, headers: ["ETag": "\"done\""])
        } _: { store, server in
            let info = try await store.put("key", bytes: Array("content".utf8))
            #expect(info.etag == "done")
            #expect(server.requests.count == 3)
            for request in server.requests { #expect(request.body == Array("content".utf8)) }
        }
    }

    @Test func `attempts are bounded, and the last failure is told`() async throws {
        try await withScript { _, _ in
            .failure(503, "SlowDown", "too fast")
        } _: { store, server in
            let error = await expectFailure(.throttled) { try await store.head("key") }
            #expect(error?.isRetriable == true)
            let put = await expectFailure(.throttled) { try await store.put("key", bytes: []) }
            #expect(put?.status == 503)
            #expect(put?.serverCode == "SlowDown")
            #expect(put?.message == "too fast")
            #expect(server.requests.count == 2 * S3Limits.forTests.attemptsMax)
        }
    }

    @Test(arguments: [
        (ScriptedAnswer.failure(403, "AccessDenied"), ObjectStoreError.Kind.accessDenied),
        (.failure(404, "NoSuchKey"), .notFound), (.failure(404, "NoSuchBucket"), .badBucket),
        (.failure(412, "PreconditionFailed"), .conflict), (.failure(400, "XAmzContentSHA256Mismatch"), .corrupted),
        (.failure(400, "EntityTooLarge"), .tooLarge), (.failure(400, "Whatever"), .rejected),
        (.answer(status: 301, headers: ["Location": "http://127.0.0.1:1/elsewhere"]), .badBucket),
        (.answer(status: 404), .notFound), (.failure(400, "AuthorizationHeaderMalformed", "wrong region"), .badBucket),
    ])
    func `a failure that repeating cannot help is told at once`(
        _ failure: ScriptedAnswer, _ kind: ObjectStoreError.Kind
    ) async throws {
        try await withScript { _, _ in
            failure
        } _: { store, server in
            let error = await expectFailure(kind) { try await store.put("key", bytes: []) }
            #expect(error?.isRetriable == false)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a server that says nothing is a failed network, in bounded time`() async throws {
        var limits = S3Limits.forTests
        limits.stallTimeoutMs = 100
        limits.attemptsMax = 2
        try await withScript(limits: limits) { _, _ in
            .bytesThenSilence("")
        } _: { store, server in
            let error = await expectFailure(.network) { try await store.get("key") }
            #expect(error?.message.contains("no byte moved for 100 ms") == true)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a server that drips bytes for ever meets the bound of the whole request`() async throws {
        var limits = S3Limits.forTests
        limits.requestTimeoutMs = 300
        limits.attemptsMax = 2
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<List"
        try await withScript(limits: limits) { _, _ in
            .bytesThenSilence(head)
        } _: { store, _ in
            await expectFailure(.network) { try await store.listWhole(prefix: "", countMax: 10) }
        }
    }

    @Test func `where nobody listens is a failed network`() async throws {
        let server = try ScriptedServer { _, _ in .cut }
        let url = server.url
        server.close()
        try await closing(openStore(url)) { store in
            let error = await expectFailure(.network) { try await store.head("key") }
            #expect(error?.isRetriable == true)
        }
    }

    @Test func `a waiting request is cancelled at once`() async throws {
        try await withScript { _, _ in
            .bytesThenSilence("")
        } _: { store, server in
            let task = Task { try await store.get("key") }
            while server.requests.isEmpty { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }

    @Test func `closing the store ends a waiting request`() async throws {
        try await withScript { _, _ in
            .bytesThenSilence("")
        } _: { store, server in
            async let result: Void = expectClosed(store)
            while server.requests.isEmpty { await Task.yield() }
            await store.close()
            await result
        }
    }

    private func expectClosed(_ store: S3ObjectStore) async {
        await expectFailure(.closed) { try await store.get("key") }
    }
}
