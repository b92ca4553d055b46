// Streams and consumer groups against a real server, blocking reads and their cancellation among them.

import Fixtures
import Logging
import NIOCore
import Redis
import ServiceLifecycle
import Testing

@Suite(.redisServer, .serialized, .timeLimit(.minutes(1)))
struct StreamTests {
    private func add(_ client: RedisClient, _ count: Int) async throws -> [String] {
        try await client.pipeline((1...count).map { XADD("s", id: "\($0)-0", fields: [("n", .integer($0))]) })
            .compactMap { $0 }
    }

    @Test func `entries are added, ranged, trimmed and deleted`() async throws {
        try await withSuiteClient { client async throws in
            #expect(try await client.send(XADD("s", fields: [("a", "1")], createsStream: false)) == nil)
            #expect(try await add(client, 5) == ["1-0", "2-0", "3-0", "4-0", "5-0"])
            #expect(try await client.send(XLEN("s")) == 5)
            let entries = try await client.send(XRANGE("s", from: "(1-0", count: 2))
            #expect(entries.map(\.id) == ["2-0", "3-0"])
            #expect(entries.first?.value(of: "n") == ByteBuffer(string: "2"))
            #expect(entries.first?.value(of: "absent") == nil)
            #expect(try await client.send(XREVRANGE("s", count: 1)).map(\.id) == ["5-0"])
            #expect(try await client.send(XDEL("s", ["5-0", "9-0"])) == 1)
            #expect(try await client.send(XTRIM("s", lowestID: "3-0")) == 2)
            let id = try await client.send(XADD("s", fields: [("n", "6")], trim: .length(1)))
            #expect(try await client.send(XRANGE("s")).map(\.id) == [id].compactMap { $0 })
            _ = try await client.send(XADD("s", fields: [("n", "7")], trim: .approximateLength(1)))
            let info = try await client.send(XINFOSTREAM("s"))
            #expect(info.length == 2)
            #expect(info.entriesAdded == 7)
            #expect(info.firstEntry?.id == id)
        }
    }

    @Test func `a group reads, acknowledges and hands over`() async throws {
        try await withSuiteClient { client async throws in
            try await client.send(XGROUPCREATE("s", group: "g"))
            let twice = await #expect(throws: RedisError.self) { try await client.send(XGROUPCREATE("s", group: "g")) }
            #expect(twice?.code == .busyGroup)
            _ = try await add(client, 4)
            let read = try await client.send(
                XREADGROUP(group: "g", consumer: "first", streams: [("s", ">")], count: 3))
            #expect(read.map(\.stream) == ["s"])
            #expect(read.first?.entries.map(\.id) == ["1-0", "2-0", "3-0"])
            #expect(try await client.send(XACK("s", group: "g", ids: ["1-0", "9-0"])) == 1)

            let summary = try await client.send(XPENDING("s", group: "g"))
            #expect(summary.count == 2)
            #expect(summary.lowestID == "2-0")
            #expect(summary.consumers.map(\.name) == ["first"])
            let pending = try await client.send(XPENDINGRANGE("s", group: "g", count: 10, idleMsMin: 0))
            #expect(pending.map(\.id) == ["2-0", "3-0"])
            #expect(pending.first?.deliveryCount == 1)
            #expect(
                try await client.send(XPENDINGRANGE("s", group: "g", count: 10, idleMsMin: 100_000)).isEmpty)

            _ = try await client.send(XDEL("s", ["2-0"]))
            let claimed = try await client.send(
                XAUTOCLAIM("s", group: "g", consumer: "second", idleMsMin: 0, count: 10))
            #expect(claimed.cursor == "0-0")
            #expect(claimed.entries.map(\.id) == ["3-0"])
            #expect(claimed.deletedIDs == ["2-0"])

            let groups = try await client.send(XINFOGROUPS("s"))
            #expect(groups.map(\.name) == ["g"])
            #expect(groups.first?.lastDeliveredID == "3-0")
            #expect(groups.first?.lag == 1)
            let consumers = try await client.send(XINFOCONSUMERS("s", group: "g"))
            #expect(consumers.map(\.name) == ["first", "second"])
            #expect(consumers.map(\.pendingCount) == [0, 1])
            #expect(try await client.send(XGROUPDELCONSUMER("s", group: "g", consumer: "second")) == 1)
            try await client.send(XGROUPSETID("s", group: "g", id: "0"))
            let replay = try await client.send(XREADGROUP(group: "g", consumer: "c", streams: [("s", ">")], count: 9))
            #expect(replay.first?.entries.count == 3)
            let absent = await #expect(throws: RedisError.self) {
                try await client.send(XPENDING("absent", group: "g"))
            }
            #expect(absent?.code == .noGroup)
        }
    }

    @Test func `a deleted entry that is still pending is read again without fields`() async throws {
        try await withSuiteClient { client async throws in
            try await client.send(XGROUPCREATE("s", group: "g"))
            _ = try await add(client, 2)
            _ = try await client.send(XREADGROUP(group: "g", consumer: "c", streams: [("s", ">")], count: 9))
            _ = try await client.send(XDEL("s", ["1-0"]))
            let own = try await client.send(XREADGROUP(group: "g", consumer: "c", streams: [("s", "0")], count: 9))
            #expect(own.first?.entries.map(\.id) == ["1-0", "2-0"])
            #expect(own.first?.entries.map(\.fields.count) == [0, 1])
        }
    }

    @Test func `a blocking read of several streams is woken by an entry`() async throws {
        try await withSuiteClient { client async throws in
            for key in ["s", "t"] { try await client.send(XGROUPCREATE(key, group: "g")) }
            let read = XREADGROUP(
                group: "g", consumer: "c", streams: [("s", ">"), ("t", ">")], count: 9, blockMs: 30_000)
            async let woken = client.withDedicatedConnection { try await $0.send(read) }
            try await eventually("the read blocks") { try await isBlocked(client) }
            _ = try await client.send(XADD("t", fields: [("n", "1")]))
            #expect(try await woken.map(\.stream) == ["t"])
        }
    }

    @Test func `a blocking read whose time runs out is empty`() async throws {
        try await withSuiteClient { client async throws in
            try await client.send(XGROUPCREATE("s", group: "g"))
            try await client.withDedicatedConnection { connection async throws in
                let read = XREADGROUP(group: "g", consumer: "c", streams: [("s", ">")], count: 1, blockMs: 20)
                // A deadline below the block time does not cut it short.
                #expect(try await connection.send(read, deadlineMs: 1).isEmpty)
                #expect(try await connection.send(PING()) == "PONG")
            }
        }
    }

    @Test func `cancelling a blocking read ends it on the server too`() async throws {
        try await withSuiteClient { client async throws in
            try await client.send(XGROUPCREATE("s", group: "g"))
            let reader = Task {
                try await client.withDedicatedConnection { connection in
                    try await connection.send(
                        XREADGROUP(group: "g", consumer: "c", streams: [("s", ">")], count: 1, blockMs: 60_000))
                }
            }
            try await eventually("the read blocks") { try await isBlocked(client) }
            reader.cancel()
            let error = await #expect(throws: RedisError.self) { try await reader.value }
            #expect(error?.code == .cancelled)
            try await eventually("the server has let go") { try await !isBlocked(client) }
            _ = try await client.send(XADD("s", fields: [("n", "1")]))
            // The entry was not delivered to the reader that is gone.
            #expect(try await client.send(XPENDING("s", group: "g")).count == 0)
        }
    }

    @Test func `a graceful shutdown ends a blocking read`() async throws {
        try await withSuiteClient { client async throws in
            try await client.send(XGROUPCREATE("s", group: "g"))
            let reader = BlockingReader(client: client)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: reader, successTerminationBehavior: .gracefullyShutdownGroup)],
                    logger: Logger(label: "test")))
            async let running: Void = group.run()
            try await eventually("the read blocks") { try await isBlocked(client) }
            await group.triggerGracefulShutdown()
            try await running
        }
    }

    private func isBlocked(_ client: RedisClient) async throws -> Bool {
        try await client.send(INFO("clients"))["blocked_clients"] == "1"
    }
}

private struct BlockingReader: Service {
    let client: RedisClient

    func run() async throws {
        let error = await #expect(throws: RedisError.self) {
            try await client.withDedicatedConnection { connection in
                try await connection.send(
                    XREADGROUP(group: "g", consumer: "c", streams: [("s", ">")], count: 1, blockMs: 60_000))
            }
        }
        #expect(error?.code == .shuttingDown)
    }
}
