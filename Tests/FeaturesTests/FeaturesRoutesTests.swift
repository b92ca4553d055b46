// The HTTP side: similar items as the classic clients know them, and what the consumer says about itself.

import Embedded
import Fixtures
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Models
import NIOCore
import Redis
import Stores
import TestServers
import Testing
import WebService

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct FeaturesRoutesTests {
    private func execute(_ features: Features, _ method: HTTPRequest.Method, _ uri: String) async throws -> TestResponse
    {
        let application = Application(router: features.router(), logger: TestBed.quietLogger)
        return try await application.test(.router) { client in
            try await client.execute(uri: uri, method: method) { $0 }
        }
    }

    private func body(_ features: Features, _ uri: String) async throws -> String {
        let response = try await execute(features, .post, uri)
        #expect(response.status == .ok)
        return String(buffer: response.body)
    }

    @Test func `similar items come as two lists`() async throws {
        try await withTestBed { bed in
            let features = bed.features()
            #expect(try await body(features, "/similar_items?item_id=10") == #"{"sim_itemid":[],"sim_score":[]}"#)
            try await bed.activate(["10": "11:0.5 sku-7:0.25 007:0.125 9007199254740993:0.1"])
            try await features.live.refresh()
            #expect(
                try await body(features, "/similar_items?item_id=10&k=3")
                    == #"{"sim_itemid":[11,"sku-7","007"],"sim_score":[0.5,0.25,0.125]}"#)
            #expect(try await body(features, "/similar_items?item_id=10").contains(#""9007199254740993"],"#))
            #expect(
                try await body(features, "/similar_items?item_id=none&foo=1") == #"{"sim_itemid":[],"sim_score":[]}"#)
        }
    }

    @Test(arguments: [
        ("/similar_items", "item_id"), ("/similar_items?item_id=", "item_id"),
        ("/similar_items?item_id=a%20b", "item_id"),
        ("/similar_items?item_id=%00", "item_id"), ("/similar_items?item_id=%FF", "item_id"),
        ("/similar_items?item_id=1&k=-1", "k"), ("/similar_items?item_id=1&k=0", "k"),
        ("/similar_items?item_id=1&k=1000000000", "k"), ("/similar_items?item_id=1&k=abc", "k"),
        ("/similar_items?item_id=1&item_id=2", "item_id"),
    ])
    func `what makes no sense is refused with the parameter's name`(uri: String, field: String) async throws {
        try await withTestBed { bed in
            let response = try await execute(bed.features(), .post, uri)
            #expect(response.status == .badRequest)
            #expect(response.headers[.contentType] == "application/problem+json")
            #expect(String(buffer: response.body).contains(#""field":"\#(field)""#))
        }
    }

    @Test func `the document and the routes agree`() async throws {
        try await withTestBed { bed in
            let differences = try OpenAPICheck.differences(between: bed.features().router(), and: .featuresOpenAPI)
            #expect(differences.isEmpty, "\(differences)")
        }
    }

    @Test func `readiness names what is missing`() async throws {
        try await withTestBed { bed in
            let features = bed.features()
            let first = try await execute(features, .get, "/readyz")
            #expect(first.status == .serviceUnavailable)
            #expect(String(buffer: first.body).contains(#"{"name":"group","ok":false,"#))
            #expect(String(buffer: first.body).contains(#"{"name":"generation","ok":false,"#))
            try await bed.activate([:])
            try await bed.stores.events.createGroup(.features)
            try await features.live.refresh()
            let second = try await execute(features, .get, "/readyz")
            #expect(second.status == .ok)
            #expect(String(buffer: second.body).contains(#"{"name":"group","ok":true,"detail":"lag 0, pending 0"}"#))
            await bed.server.kill()
            let third = try await execute(features, .get, "/readyz")
            #expect(third.status == .serviceUnavailable)
            #expect(String(buffer: third.body).contains(#"{"name":"redis","ok":false,"#))
            #expect(try await execute(features, .get, "/healthz").status == .ok)
            #expect(try await execute(features, .post, "/similar_items?item_id=1").status == .serviceUnavailable)
        }
    }

    @Test func `the running service says what it has done`() async throws {
        try await withTestBed { bed in
            let generation = try await bed.activate([:])
            let (ports, listening) = AsyncStream.makeStream(of: Int.self)
            let features = bed.features { listening.yield($0) }
            try await running(features) {
                var port: Int?
                for await bound in ports {
                    port = bound
                    break
                }
                #expect((port ?? 0) > 0)
                try await bed.add("42", "a")
                try await bed.add([("user_id", "x y")], id: "*")
                try await eventually("handled") {
                    let isQuiet = try await bed.pendingCount() == 0
                    return isQuiet && features.statistics.snapshot.consumed == 2 && features.live.current == generation
                }
                let text = String(buffer: try await execute(features, .get, "/v1/stats").body)
                let start =
                    #"{"consumed":2,"applied":1,"older":0,"repeated":0,"clamped":0,"quarantined":1,"claimed":0,"#
                #expect(text.hasPrefix(start + #""generation":\#(generation),"lag":0,"pending":0,"last_applied_id":""#))
                #expect(text.contains(#""event_to_applied_ms":{"samples":1,"p50":"#))
            }
        }
    }
}
