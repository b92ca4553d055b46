// GET /v1/items/{id}/similar, /v1/popular and /v1/stats.

import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `A catalogue route` {
    private static let lists = TestLists(
        offline: ["42": ["o1"]], similar: ["12": ["34", "56"]], popular: ["p1", "p2", "p3"],
        categories: ["shoes": ["c1", "c2"]])

    @Test(arguments: [
        (
            "/v1/items/12/similar",
            #"{"item_id":"12","generation":1,"similar":["#
                + #"{"item_id":"34","place":1,"score":1.0},{"item_id":"56","place":2,"score":0.9995}]}"#
        ),
        (
            "/v1/items/12/similar?k=1",
            #"{"item_id":"12","generation":1,"similar":[{"item_id":"34","place":1,"score":1.0}]}"#
        ),
        ("/v1/items/unknown/similar", #"{"item_id":"unknown","generation":1,"similar":[]}"#),
        (
            "/v1/popular?k=1",
            #"{"category":null,"generation":1,"popular":[{"item_id":"p1","place":1,"score":1.0}]}"#
        ),
        (
            "/v1/popular?category=shoes&k=1",
            #"{"category":"shoes","generation":1,"popular":[{"item_id":"c1","place":1,"score":1.0}]}"#
        ),
        ("/v1/popular?category=hats", #"{"category":"hats","generation":1,"popular":[]}"#),
    ])
    func `shows a list of the live generation`(uri: String, body: String) async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            // The second time the category comes out of memory.
            for _ in 1...2 {
                let response = try await system.get(uri)
                #expect(response.status == .ok)
                #expect(String(buffer: response.body) == body)
            }
        }
    }

    @Test func `forgets the categories of the generation before`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            _ = try await system.get("/v1/popular?category=shoes")
            var lists = Self.lists
            lists.categories["shoes"] = ["new"]
            try await system.publish(lists)
            let body = String(buffer: try await system.get("/v1/popular?category=shoes").body)
            #expect(body.contains(#""new""#) && !body.contains(#""c1""#))
        }
    }

    @Test func `for statistics counts answers and items`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            _ = try await system.answer("/v1/recommendations/42?k=3")
            let expected =
                #"{"generation":1,"answers":{"full":1,"online":0,"offline":0,"popular":0},"#
                + #""items":{"online":0,"offline":1,"popular":2},"parity_violations":0,"stale_answers":0,"#
                + #""waiting":0,"touches_refetched":0,"hidden_items":0}"#
            #expect(String(buffer: try await system.get("/v1/stats").body) == expected)
        }
    }
}
