// The degradation ladder: full, offline only, popular out of process memory; never an error, never a short list.

import Fixtures
import HTTPTypes
import HummingbirdTesting
import Models
import NIOCore
import Redis
import Settings
import Stores
import TestServers
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(2))) struct `The ladder` {
    private static let lists = TestLists(
        offline: ["42": ["o1", "o2", "o3"]], similar: ["t1": ["s1", "s2", "s3"]], popular: TestLists.names("p", 200),
        categories: ["shoes": ["c1", "c2"]])

    @Test func `ends with popular items while Redis is away, and is climbed again when it is back`() async throws {
        var options = RedisServer.Options()
        options.isPersistent = true
        let settings = GatewaySettings(http: HTTPSettings(port: 0), deadlineMs: 50)
        try await withGateway(settings, server: options) { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("42", "t1", atMs: 1_700_000_000_000, generation: generation)
            try await eventually("Redis answers") {
                try await system.answer("/v1/recommendations/42").served_by == "full"
            }
            #expect(try await system.answer("/v1/recommendations/42?category=shoes").items == ["c1", "c2"])

            await system.server.kill()
            let answer = try await system.answer("/v1/recommendations/42?k=150")
            #expect(answer.served_by == "popular")
            #expect(answer.generation == generation)
            #expect(answer.online_as_of == nil)
            #expect(answer.items == TestLists.names("p", 150))
            #expect(try await system.answer("/v1/recommendations/42/online?k=7").items == TestLists.names("p", 7))
            #expect(try await system.answer("/v1/recommendations/42?after=1-1&wait_ms=1&k=7").stale)
            let session = try await system.post("/v1/recommendations/session", #"{"items":["t1"],"k":3}"#)
            #expect(try AnswerBody(session).served_by == "popular")
            #expect(try AnswerBody(session).items == ["p1", "p2", "p3"])
            let batch = try await system.post("/v1/recommendations/batch", #"{"user_ids":["1","2"],"k":2}"#)
            #expect(batch.status == .ok)
            #expect(try await system.post("/recommendations?user_id=42&k=1").status == .ok)
            #expect(try await system.get("/v1/popular?k=1").status == .ok)
            // What has been read of the generation once stays true; what has not is refused with a reason.
            let shoes = try await system.answer("/v1/recommendations/42?category=shoes")
            #expect(shoes.items == ["c1", "c2"])
            #expect(shoes.served_by == "popular")
            let hats = try await system.get("/v1/recommendations/42?category=hats")
            #expect(hats.status == .serviceUnavailable)
            #expect(hats.headers[.retryAfter] == "1")
            #expect(try ProblemBody(hats).detail.contains("category hats"))
            #expect(try await system.get("/v1/items/t1/similar").status == .serviceUnavailable)
            let ready = try await system.get("/readyz")
            #expect(ready.status == .serviceUnavailable)
            #expect(String(buffer: ready.body).contains(#""name":"redis","ok":false"#))

            try await system.server.restart()
            try await eventually("Redis answers") {
                try await system.answer("/v1/recommendations/42").served_by == "full"
            }
            #expect(try await system.answer("/v1/recommendations/42?k=2").items == ["s1", "o1"])
            #expect(system.gateway.statistics.answers(.popular) >= 5)
        }
    }

    @Test func `has a rung for an online side that cannot be read`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            _ = try await system.stores.client.send(SET("online:{42}", "no hash"))
            let answer = try await system.answer("/v1/recommendations/42?k=5")
            #expect(answer.served_by == "offline")
            #expect(answer.items == ["o1", "o2", "o3", "p1", "p2"])
            // The blend of the missing side takes the other one before it takes popular items.
            #expect(try await system.answer("/v1/recommendations/42/online?k=1").items == ["o1"])
            #expect(system.gateway.statistics.answers(.offline) == 2)
        }
    }

    @Test func `has a rung for an offline list that cannot be read`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("42", "t1", atMs: 1_700_000_000_000, generation: generation)
            _ = try await system.stores.client.send(UNLINK(["gen:1:offline:{42}"]))
            _ = try await system.stores.client.send(SADD("gen:1:offline:{42}", ["no list"]))
            let answer = try await system.answer("/v1/recommendations/42/offline?k=4")
            #expect(answer.served_by == "online")
            #expect(answer.items == ["s1", "s2", "s3", "p1"])
        }
    }

    @Test func `stands on a generation: without one the answer says how to get it`() async throws {
        try await withGateway { system in
            let response = try await system.get("/v1/recommendations/42")
            #expect(response.status == .serviceUnavailable)
            #expect(try ProblemBody(response).detail.contains("freshet reload"))
            #expect(String(buffer: try await system.get("/readyz").body).contains(#""name":"generation","ok":false"#))
            try await system.publish(Self.lists)
            #expect(try await system.get("/readyz").status == .ok)
        }
    }
}
