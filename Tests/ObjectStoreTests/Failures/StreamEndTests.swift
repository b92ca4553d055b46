// A download that nobody reads, or that nobody wants any more, before a server that never stops sending.

import Testing

@testable import ObjectStore

@Suite(.timeLimit(.minutes(1))) struct StreamEndTests {
    /// More than the sockets' buffers on the way can hold, tcp_rmem and tcp_wmem together.
    private static let unreadBytesMax = 100_000_000

    @Test func `a reader that waits holds the server back`() async throws {
        try await withScript { _, _ in
            .endless
        } _: { store, server in
            let body = try await store.get("key")
            var iterator = body.makeAsyncIterator()
            _ = try await iterator.next()
            #expect(await server.endlessHalts(before: Self.unreadBytesMax))
            var readCount = 0
            while readCount <= Self.unreadBytesMax, let chunk = try await iterator.next() { readCount += chunk.count }
            #expect(readCount > Self.unreadBytesMax)
        }
    }

    @Test func `a body that is dropped unread ends its transfer`() async throws {
        try await withScript { _, _ in
            .endless
        } _: { store, server in
            _ = try await store.get("key")
            #expect(await server.endlessEnds(withinMs: 20_000))
        }
    }

    @Test func `a reader that leaves early ends its transfer`() async throws {
        try await withScript { _, _ in
            .endless
        } _: { store, server in
            for try await _ in try await store.get("key") { break }
            #expect(await server.endlessEnds(withinMs: 20_000))
        }
    }

    @Test func `a reader that is cancelled ends its transfer`() async throws {
        try await withScript { _, _ in
            .endless
        } _: { store, server in
            let task = Task { for try await _ in try await store.get("key") {} }
            while server.endlessByteCount == 0 { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(await server.endlessEnds(withinMs: 20_000))
        }
    }

    @Test func `closing the store ends a transfer that is being read`() async throws {
        try await withScript { _, _ in
            .endless
        } _: { store, server in
            let body = try await store.get("key")
            await store.close()
            await expectFailure(.closed) { for try await _ in body {} }
            #expect(await server.endlessEnds(withinMs: 20_000))
        }
    }

    @Test func `a store that is forgotten without being closed ends its thread`() async throws {
        let server = try ScriptedServer { _, _ in .endless }
        defer { server.close() }
        weak var engine: CurlEngine?
        do {
            let store = try openStore(server.url)
            engine = store.client.engine
            _ = try await store.get("key")
        }
        #expect(await server.endlessEnds(withinMs: 20_000))
        while engine != nil { await Task.yield() }
    }
}
