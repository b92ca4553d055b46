// Requests that make no sense get a 4xx that says why.

import HTTPTypes
import HummingbirdTesting
import NIOCore
import Settings
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `A request that makes no sense` {
    private static let manyItems = (0...1000).map { "i\($0)" }

    @Test func `in its path or query is refused with the parameter's name`() async throws {
        let table: [(uri: String, field: String)] = [
            ("/v1/recommendations/1?k=-1", "k"), ("/v1/recommendations/1?k=0", "k"),
            ("/v1/recommendations/1?k=501", "k"), ("/v1/recommendations/1?k=1000000000", "k"),
            ("/v1/recommendations/1?k=99999999999999999999", "k"), ("/v1/recommendations/1?k=abc", "k"),
            ("/v1/recommendations/1?k=", "k"), ("/v1/recommendations/1?k=1&k=2", "k"),
            ("/v1/recommendations/1?k=%00", "k"), ("/v1/recommendations/1?k=%zz", "k"),
            ("/v1/recommendations/1?n_last=0", "n_last"), ("/v1/recommendations/1?n_last=101", "n_last"),
            ("/v1/recommendations/1?blend=magic", "blend"), ("/v1/recommendations/1?blend=", "blend"),
            ("/v1/recommendations/1?explain=maybe", "explain"),
            ("/v1/recommendations/1?exclude=a%20b", "exclude"), ("/v1/recommendations/1?exclude=%00", "exclude"),
            ("/v1/recommendations/1?exclude=a,%D0%B6", "exclude"),
            ("/v1/recommendations/1?exclude=\(Self.manyItems.joined(separator: ","))", "exclude"),
            ("/v1/recommendations/1?category=", "category"), ("/v1/recommendations/1?category=a%2Ab", "category"),
            ("/v1/recommendations/1?after=soon", "after"), ("/v1/recommendations/1?after=1-x", "after"),
            ("/v1/recommendations/1?after=-1-0", "after"), ("/v1/recommendations/1?wait_ms=5", "wait_ms"),
            ("/v1/recommendations/1?after=1-0&wait_ms=10001", "wait_ms"),
            ("/v1/recommendations/1?after=1-0&wait_ms=-1", "wait_ms"),
            ("/v1/recommendations/1?limit=5", "limit"), ("/v1/recommendations/1/offline?blend=rrf", "blend"),
            ("/v1/recommendations/a%20b", "user_id"), ("/v1/recommendations/%00", "user_id"),
            ("/v1/recommendations/%ff", "user_id"), ("/v1/recommendations/%D0%B6", "user_id"),
            ("/v1/recommendations/\(String(repeating: "x", count: 65))", "user_id"),
            ("/v1/recommendations/%7B1%7D", "user_id"), ("/v1/recommendations/1%0D%0ASET", "user_id"),
            ("/v1/items/a%2Fb/similar", "item_id"), ("/v1/items/1/similar?k=0", "k"),
            ("/v1/items/1/similar?category=a", "category"), ("/v1/popular?k=x", "k"),
            ("/v1/popular?category=%0A", "category"), ("/v1/popular?user=1", "user"), ("/v1/stats?reset=1", "reset"),
        ]
        try await withGateway { system in
            try await system.publish(TestLists(popular: ["p"]))
            for (uri, field) in table {
                let response = try await system.get(uri)
                #expect(response.status == .badRequest, "\(uri.prefix(80))")
                let problem = try ProblemBody(response)
                #expect(problem.errors?.first?.field == field, "\(uri.prefix(80)): \(problem.detail)")
                #expect(problem.detail.hasPrefix(field), "\(uri.prefix(80)): \(problem.detail)")
            }
            #expect(
                try await system.get("/v1/recommendations/\(String(repeating: "x", count: 9000))").status == .uriTooLong
            )
        }
    }

    @Test(arguments: [
        (nil, "the body is empty"), ("{", "the body is not JSON"), ("[]", "the body must be an object"),
        (#"{"items":[]}"#, "items must name at least one"), ("{}", "items must name at least one"),
        (#"{"items":"a"}"#, "items must be an array, got a string"),
        (#"{"items":[true]}"#, "items.0 must be an item id"), (#"{"items":["a b"]}"#, "items.0 must be an item id"),
        (#"{"items":["a",{"event":"view"}]}"#, "items.1 must be an item id"),
        (#"{"items":["a",{"item_id":1.5}]}"#, "items.1 must be an item id"),
        (#"{"items":[{"item_id":"a","event":"stare"}]}"#, "items.0 names an unknown event; known are addtocart"),
        (#"{"items":["\u0000"]}"#, "items.0 must be an item id"),
        (#"{"items":["a"],"k":0}"#, "k must be a whole number from 1 to 500, got 0"),
        (#"{"items":["a"],"k":1e9}"#, "k must be a whole number from 1 to 500, got"),
        (#"{"items":["a"],"k":"5"}"#, "k must be a whole number from 1 to 500, got a string"),
        (#"{"items":["a"],"n_last":101}"#, "n_last must be a whole number from 1 to 100"),
        (#"{"items":["a"],"blend":"magic"}"#, "blend must be one of"),
        (#"{"items":["a"],"explain":1}"#, "explain must be true or false"),
        (#"{"items":["a"],"exclude":"b"}"#, "exclude must be an array"),
        (#"{"items":["a"],"exclude":[null]}"#, "exclude holds null at place 1"),
        (#"{"items":["a"],"exclude":["b","c d"]}"#, "exclude holds at place 2 what is no item id"),
        (#"{"items":["a"],"category":{}}"#, "category must be a string"),
        (#"{"items":["a"],"user_id":"1"}"#, "user_id is no field of this body; it knows items, k"),
    ])
    func `in a session's body is refused with the field's name`(body: String?, reason: String) async throws {
        try await withGateway { system in
            try await system.publish(TestLists(popular: ["p"]))
            let response = try await system.post("/v1/recommendations/session", body)
            #expect(response.status == .badRequest)
            #expect(try ProblemBody(response).detail.hasPrefix(reason), "\(String(buffer: response.body))")
        }
    }

    @Test func `in a batch's body is refused with the field's name`() async throws {
        let tooMany = (0...100).map { "\"\($0)\"" }.joined(separator: ",")
        try await withGateway { system in
            try await system.publish(TestLists(popular: ["p"]))
            for (body, reason) in [
                ("{}", "user_ids must name 1 to 100 users"), (#"{"user_ids":[]}"#, "user_ids must name 1 to 100 users"),
                ("{\"user_ids\":[\(tooMany)]}", "user_ids takes at most 100 entries, got 101"),
                (#"{"user_ids":["1","a b"]}"#, "user_ids.1 must be 1 to 64 bytes"),
                (#"{"user_ids":["1",{}]}"#, "user_ids holds an object at place 2"),
                (#"{"user_ids":["1"],"after":"1-0"}"#, "after is no field of this body"),
            ] {
                let response = try await system.post("/v1/recommendations/batch", body)
                #expect(response.status == .badRequest)
                #expect(try ProblemBody(response).detail.hasPrefix(reason), "\(String(buffer: response.body))")
            }
        }
    }

    @Test func `is refused for its content type, its size or its method`() async throws {
        try await withGateway { system in
            let session = "/v1/recommendations/session"
            let untyped = try await system.post(session, "{}", headers: [:])
            #expect(untyped.status == .unsupportedMediaType)
            let xml = try await system.post(session, "{}", headers: [.contentType: "text/xml"])
            #expect(xml.status == .unsupportedMediaType)
            let large = #"{"items":[""# + String(repeating: "x", count: 2 << 20) + #""]}"#
            #expect(try await system.post(session, large).status == .contentTooLarge)
            #expect(try await system.post("/v1/recommendations/42").status == .methodNotAllowed)
            #expect(try await system.get("/v1/recommendations/").status == .notFound)
            #expect(try await system.get("/v1/recommendations/1/2/3").status == .notFound)
        }
    }

    @Test(arguments: ["/recommendations", "/recommendations_offline", "/recommendations_online"])
    func `to a classic route is refused too`(route: String) async throws {
        try await withGateway { system in
            try await system.publish(TestLists(popular: ["p"]))
            for (query, field) in [
                ("", "user_id"), ("?user_id=", "user_id"), ("?user_id=a%20b", "user_id"), ("?user_id=1&k=-1", "k"),
                ("?user_id=1&k=1000000000", "k"), ("?user_id=1&k=abc", "k"), ("?user_id=1&n_last=0", "n_last"),
            ] {
                let response = try await system.post(route + query)
                #expect(response.status == .badRequest)
                #expect(try ProblemBody(response).errors?.first?.field == field, "\(query)")
            }
            #expect(try await system.post("\(route)?user_id=1&colour=red").status == .ok)
        }
    }

    @Test func `in the settings stops the start with the variable's name`() async throws {
        let error = await #expect(throws: SettingsError.self) {
            try await withGateway(GatewaySettings(http: HTTPSettings(port: 0), blendName: "magic")) { _ in }
        }
        #expect(error?.description.hasPrefix("BLEND is \"magic\"; it must be one of interleave, ") == true)
    }
}
