// Every command against a real server: what is written is understood, and what comes back is decoded.

import NIOCore
import Redis
import Testing

@Suite(.redisServer, .serialized, .timeLimit(.minutes(1)))
struct CommandTests {
    @Test func `strings are set, read and counted`() async throws {
        try await withSuiteClient { client async throws in
            #expect(try await client.send(PING()) == "PONG")
            #expect(try await client.send(GET("k")) == nil)
            #expect(try await client.send(SET("k", "v")))
            #expect(try await client.send(GET("k")) == ByteBuffer(string: "v"))
            #expect(try await client.send(SET("k", "w", condition: .ifAbsent)) == false)
            #expect(try await client.send(SET("absent", "w", condition: .ifPresent)) == false)
            #expect(try await client.send(MGET(["k", "absent"])) == [ByteBuffer(string: "v"), nil])
            #expect(try await client.send(INCR("n")) == 1)
            #expect(try await client.send(INCR("n")) == 2)
        }
    }

    @Test func `keys expire, are typed, scanned and removed`() async throws {
        try await withSuiteClient { client async throws in
            #expect(try await client.send(TTL("k")) == .noSuchKey)
            _ = try await client.pipeline([SET("k", "v"), SET("other", 1)])
            #expect(try await client.send(TTL("k")) == .unlimited)
            #expect(try await client.send(EXPIRE("k", seconds: 1_000)))
            #expect(try await secondsLeft(client, "k") > 900)
            #expect(try await client.send(PEXPIRE("absent", milliseconds: 100)) == false)
            _ = try await client.send(SET("k", "v", expiry: .keep))
            #expect(try await secondsLeft(client, "k") > 900)
            _ = try await client.send(SET("k", "v", expiry: .milliseconds(500_000)))
            #expect((401...500).contains(try await secondsLeft(client, "k")))
            _ = try await client.send(SET("k", "v", expiry: .seconds(300)))
            #expect((201...300).contains(try await secondsLeft(client, "k")))
            #expect(try await client.send(TYPE("k")) == "string")
            let page = try await client.send(SCAN(pattern: "o*", count: 100, type: "string"))
            #expect(page.cursor == "0")
            #expect(page.keys == ["other"])
            try await client.send(RENAME("other", to: "renamed"))
            #expect(try await client.send(EXISTS(["k", "renamed", "other"])) == 2)
            #expect(try await client.send(DBSIZE()) == 2)
            #expect(try await client.send(MEMORYUSAGE("k")) ?? 0 > 0)
            #expect(try await client.send(MEMORYUSAGE("absent")) == nil)
            #expect(try await client.send(DEL("k")) == 1)
            #expect(try await client.send(UNLINK(["renamed", "k"])) == 1)
        }
    }

    private func secondsLeft(_ client: RedisClient, _ key: String) async throws -> Int {
        guard case .seconds(let seconds) = try await client.send(TTL(key)) else { return 0 }
        return seconds
    }

    @Test func `hashes keep their fields`() async throws {
        try await withSuiteClient { client async throws in
            #expect(try await client.send(HSET("h", [("a", "1"), ("b", 2)])) == 2)
            #expect(try await client.send(HGET("h", "a")) == ByteBuffer(string: "1"))
            #expect(try await client.send(HMGET("h", ["b", "c"])) == [ByteBuffer(string: "2"), nil])
            let fields = try await client.send(HGETALL("h")).map { "\(String(buffer: $0))=\(String(buffer: $1))" }
            #expect(fields == ["a=1", "b=2"])
            #expect(try await client.send(HINCRBY("h", "b", by: 40)) == 42)
            #expect(try await client.send(HDEL("h", ["a", "c"])) == 1)
            #expect(try await client.send(HLEN("h")) == 1)
            #expect(try await client.send(HGETALL("absent")).isEmpty)
        }
    }

    @Test func `sets and sorted sets keep their members`() async throws {
        try await withSuiteClient { client async throws in
            #expect(try await client.send(SADD("s", ["a", "b", "a"])) == 2)
            #expect(try await client.send(SISMEMBER("s", "a")))
            #expect(Set(try await client.send(SMEMBERS("s")).map { String(buffer: $0) }) == ["a", "b"])
            #expect(try await client.send(SREM("s", ["a", "c"])) == 1)
            #expect(try await client.send(SCARD("s")) == 1)

            #expect(try await client.send(ZADD("z", [(1, "a"), (2.5, "b"), (3, "c")])) == 3)
            #expect(try await client.send(ZCARD("z")) == 3)
            #expect(try await client.send(ZSCORE("z", "b")) == 2.5)
            #expect(try await client.send(ZRANGE("z", 0, 0)) == [ByteBuffer(string: "a")])
            #expect(try await client.send(ZRANGE("z", 0, 0, reversed: true)) == [ByteBuffer(string: "c")])
            let range = try await client.send(ZRANGEBYSCORE("z", from: .exclusive(1), through: .highest, limit: 1))
            #expect(range.map(\.score) == [2.5])
            #expect(try await client.send(ZREMRANGEBYSCORE("z", from: .lowest, through: .inclusive(1))) == 1)
            #expect(try await client.send(ZREM("z", ["b"])) == 1)
        }
    }

    @Test func `lists keep their order`() async throws {
        try await withSuiteClient { client async throws in
            #expect(try await client.send(RPUSH("l", ["b", "c"])) == 2)
            #expect(try await client.send(LPUSH("l", ["a"])) == 3)
            #expect(try await client.send(LRANGE("l", 0, -1)).map { String(buffer: $0) } == ["a", "b", "c"])
            #expect(try await client.send(LPOP("l")) == ByteBuffer(string: "a"))
            try await client.send(LTRIM("l", 0, 0))
            #expect(try await client.send(LLEN("l")) == 1)
            #expect(try await client.send(LREM("l", count: 0, "b")) == 1)
            #expect(try await client.send(LPOP("l")) == nil)
        }
    }

    @Test func `the server tells about itself`() async throws {
        try await withSuiteClient { client async throws in
            #expect(try await client.send(INFO("server"))["redis_version"]?.isEmpty == false)
            #expect(try await client.send(CONFIGGET("maxmemory")) == ["maxmemory": "0"])
            #expect(try await client.send(TIME()) > 1_600_000_000_000_000)
            #expect(try await client.send(ACLWHOAMI()) == "default")
            #expect(try await client.send(PUBLISH("nobody", "hears")) == 0)
            let clients = try await client.send(RawCommand("CLIENT LIST")).as(String.self)
            #expect(clients.contains("name=freshet"))
        }
    }

    @Test func `bytes of every value come back as they were`() async throws {
        try await withSuiteClient { client async throws in
            let bytes = (0...255).map { UInt8($0) } + Array("\r\n$3\r\n".utf8)
            let key = "ключ \r\n 🔑"
            _ = try await client.send(SET(key, .bytes(bytes)))
            #expect(try await client.send(GET(key)).map { Array(buffer: $0) } == bytes)
            _ = try await client.send(SET("empty", ""))
            #expect(try await client.send(GET("empty")) == ByteBuffer())
        }
    }

    @Test func `a value of five megabytes comes back whole`() async throws {
        try await withSuiteClient { client async throws in
            let value = ByteBuffer(bytes: (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
            let (_, read, ping) = try await client.pipeline(
                SET("large", .buffer(value)), GET("large"), PING(), deadlineMs: 20_000)
            #expect(read == value)
            #expect(ping == "PONG")
        }
    }

    @Test func `a refused command throws what the server said`() async throws {
        try await withSuiteClient { client async throws in
            _ = try await client.send(SET("k", "v"))
            let error = await #expect(throws: RedisError.self) { try await client.send(HGETALL("k")) }
            #expect(error?.code == .wrongType)
            #expect(error?.commandName == "HGETALL")
            #expect(error?.isRetriable == false)
            let unexpected = await #expect(throws: RedisError.self) { try await client.send(INCR("k")) }
            #expect(unexpected?.code == .serverRefused)
        }
    }
}
