// The routes that need the administrator's token.

import Fixtures
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Settings
import Stores
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `An administrative route` {
    private static let routes: [(method: HTTPRequest.Method, uri: String)] = [
        (.get, "/v1/generations"), (.post, "/v1/generations/1/activate"), (.post, "/v1/generations/rollback"),
        (.get, "/v1/releases"), (.get, "/v1/releases/r1"), (.post, "/v1/releases/r1/approve"),
        (.post, "/v1/releases/r1/refuse"), (.get, "/v1/hidden"), (.post, "/v1/hidden"), (.delete, "/v1/hidden?items=a"),
        (.get, "/v1/training"), (.post, "/v1/training"), (.delete, "/v1/training/t1"), (.get, "/v1/training/t1"),
    ]

    @Test func `is closed without a configured token, and says how to open it`() async throws {
        try await withGateway(GatewaySettings(http: HTTPSettings(port: 0))) { system in
            for (method, uri) in Self.routes {
                let response = try await system.client.execute(
                    uri: uri, method: method, headers: GatewayUnderTest.admin)
                #expect(response.status == .forbidden)
                #expect(try ProblemBody(response).detail.contains("ADMIN_TOKEN"))
            }
        }
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Bearer open-sesam", "Bearer open-sesamE", "Basic open-sesame", "open-sesame",
    ])
    func `takes no other token`(authorization: String?) async throws {
        try await withGateway { system in
            for (method, uri) in Self.routes {
                var headers = GatewayUnderTest.json
                headers[.authorization] = authorization
                let response = try await system.client.execute(uri: uri, method: method, headers: headers)
                #expect(response.status == .unauthorized)
                #expect(response.headers[.wwwAuthenticate] == "Bearer")
            }
        }
    }

    @Test func `hides an item everywhere, and shows it again`() async throws {
        try await withGateway { system in
            let generation = try await system.publish(
                TestLists(offline: ["42": ["x", "o"]], similar: ["t": ["x", "s"]], popular: ["x", "p1", "p2"]))
            try await system.touch("42", "t", atMs: 1_700_000_000_000, generation: generation)
            #expect(try await system.answer("/v1/recommendations/42").items.contains("x"))
            let hidden = try await system.post("/v1/hidden", #"{"items":["x",7]}"#, headers: GatewayUnderTest.admin)
            #expect(String(buffer: hidden.body) == #"{"hidden":2}"#)
            let list = try await system.get("/v1/hidden", headers: GatewayUnderTest.admin)
            #expect(String(buffer: list.body) == #"{"items":["7","x"]}"#)

            #expect(try await system.answer("/v1/recommendations/42").items == ["s", "o", "p1", "p2"])
            #expect(try await system.answer("/v1/recommendations/nobody?k=2").items == ["p1", "p2"])
            let session = try await system.post("/v1/recommendations/session", #"{"items":["t"]}"#)
            #expect(try AnswerBody(session).items == ["s", "p1", "p2"])
            for uri in ["/v1/popular", "/v1/items/t/similar"] {
                #expect(String(buffer: try await system.get(uri).body).contains(#""item_id":"x""#) == false)
            }
            let classic = try await system.post("/recommendations_online?user_id=42")
            #expect(String(buffer: classic.body) == #"{"recs":["s"]}"#)

            let shown = try await system.client.execute(
                uri: "/v1/hidden?items=x", method: .delete, headers: GatewayUnderTest.admin)
            #expect(String(buffer: shown.body) == #"{"shown":1}"#)
            #expect(try await system.answer("/v1/recommendations/42?k=1").items == ["x"])
        }
    }

    @Test func `hears what another instance hides`() async throws {
        try await withGateway { system in
            try await system.publish(TestLists(popular: ["x", "y"]))
            _ = try await system.stores.hidden.hide([try itemID("x")])
            try await eventually("the hidden item is gone") {
                try await system.answer("/v1/recommendations/1").items == ["y"]
            }
        }
    }

    @Test func `fills the answer behind any number of hidden popular items`() async throws {
        try await withGateway { system in
            let popular = TestLists.names("p", 900)
            try await system.publish(TestLists(popular: popular))
            _ = try await system.stores.hidden.hide(try popular.prefix(700).map(itemID))
            await system.gateway.hidden.refresh()
            #expect(try await system.answer("/v1/recommendations/1?k=150").items == Array(popular[700..<850]))
        }
    }

    @Test func `lists, activates and rolls back generations`() async throws {
        try await withGateway { system in
            try await system.publish(TestLists(release: "r1", popular: ["a"]))
            try await system.publish(TestLists(release: "r2", popular: ["b"]))
            let activate = try await system.post("/v1/generations/1/activate", headers: GatewayUnderTest.admin)
            #expect(String(buffer: activate.body) == #"{"active":1}"#)
            #expect(try await system.answer("/v1/recommendations/1").items == ["a"])
            let list = String(
                buffer: try await system.get("/v1/generations", headers: GatewayUnderTest.admin).body)
            #expect(
                list.hasPrefix(
                    #"{"active":1,"previous":[2],"generations":[{"generation":1,"state":"ready","release":"r1","#
                ))
            #expect(list.contains(#"{"instance":"gateway@test:1","at_ms":"#))
            let back = try await system.post("/v1/generations/rollback", headers: GatewayUnderTest.admin)
            #expect(String(buffer: back.body) == #"{"active":2}"#)
            #expect(try await system.answer("/v1/recommendations/1").items == ["b"])
        }
    }

    @Test func `asks for training once, shows it and cancels it`() async throws {
        try await withGateway { system in
            func training(_ body: String) async throws -> String {
                String(buffer: try await system.post("/v1/training", body, headers: GatewayUnderTest.admin).body)
            }
            let asked = try await training(#"{"mode":"manual"}"#)
            let run = try #require(try await system.stores.training.latest(countMax: 9).first)
            #expect(asked == #"{"run":"\#(run.id)","joined":false}"#)
            #expect(try await training(#"{"mode":"manual"}"#) == #"{"run":"\#(run.id)","joined":true}"#)
            #expect(try await training("{}").hasSuffix(#","joined":false}"#))
            #expect(run.by == "gateway" && run.mode == "manual" && run.state == .pending)
            let list = String(
                buffer: try await system.get("/v1/training?count=1", headers: GatewayUnderTest.admin).body)
            #expect(list.hasPrefix(#"{"waiting":2,"trainer":null,"runs":[{"run":"t"#), "\(list)")
            let shown = try await system.get("/v1/training/\(run.id)", headers: GatewayUnderTest.admin)
            #expect(String(buffer: shown.body).contains(#""state":"pending""#))
            let cancelled = try await system.client.execute(
                uri: "/v1/training/\(run.id)", method: .delete, headers: GatewayUnderTest.admin)
            #expect(String(buffer: cancelled.body) == #"{"run":"\#(run.id)","state":"cancelled"}"#)
            let wrong = try await system.post("/v1/training", #"{"mode":"x"}"#, headers: GatewayUnderTest.admin)
            #expect(wrong.status == .badRequest)
            for method in [HTTPRequest.Method.get, .delete] {
                let missing = try await system.client.execute(
                    uri: "/v1/training/none", method: method, headers: GatewayUnderTest.admin)
                #expect(missing.status == .notFound)
            }
        }
    }

    @Test func `refuses a generation that is not there, or is none`() async throws {
        try await withGateway { system in
            try await system.publish(TestLists(popular: ["a"]))
            let missing = try await system.post("/v1/generations/9/activate", headers: GatewayUnderTest.admin)
            #expect(missing.status == .conflict)
            #expect(try ProblemBody(missing).detail.contains("generation 9 is not loaded"))
            let first = try await system.post("/v1/generations/rollback", headers: GatewayUnderTest.admin)
            #expect(first.status == .conflict)
            #expect(try ProblemBody(first).detail.contains("no previous generation"))
            for text in ["0", "-1", "01", "abc", "1.5", "%00"] {
                let response = try await system.post(
                    "/v1/generations/\(text)/activate", headers: GatewayUnderTest.admin)
                #expect(response.status == .badRequest, "\(text)")
            }
            for body in ["{}", #"{"items":[]}"#, #"{"items":["a b"]}"#, #"{"items":[1.5]}"#] {
                let response = try await system.post("/v1/hidden", body, headers: GatewayUnderTest.admin)
                #expect(response.status == .badRequest, "\(body)")
            }
            let none = try await system.client.execute(
                uri: "/v1/hidden", method: .delete, headers: GatewayUnderTest.admin)
            #expect(none.status == .badRequest)
        }
    }
}
