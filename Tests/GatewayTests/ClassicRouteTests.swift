// The routes of the classic layout, byte for byte.

import Fixtures
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Stores
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `A classic route` {
    private static let lists = TestLists(
        offline: ["42": ["10", "11", "sku-1", "12"]], similar: ["7": ["20", "10", "007", "21"]],
        popular: ["30", "31", "32", "33", "34", "35"])

    @Test(arguments: [
        ("/recommendations?user_id=42&k=6", #"{"recs":[20,10,"007",11,21,"sku-1"]}"#),
        ("/recommendations?user_id=5&k=2", #"{"recs":[30,31]}"#),
        ("/recommendations_offline?user_id=42&k=5", #"{"recs":[10,11,"sku-1",12,30]}"#),
        ("/recommendations_offline?user_id=5&k=3", #"{"recs":[30,31,32]}"#),
        ("/recommendations_online?user_id=42&k=3", #"{"recs":[20,10,"007"]}"#),
        ("/recommendations_online?user_id=42&n_last=3", #"{"recs":[20,10,"007",21]}"#),
        ("/recommendations_online?user_id=5", #"{"recs":[]}"#),
    ])
    func `answers with items and nothing else`(uri: String, body: String) async throws {
        try await withGateway { system in
            let generation = try await system.publish(Self.lists)
            try await system.touch("42", "7", atMs: 1_700_000_000_000, generation: generation)
            let response = try await system.post(uri)
            #expect(response.status == .ok)
            #expect(String(buffer: response.body) == body)
        }
    }

    @Test func `counts personal and popular items until it is reset`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            _ = try await system.post("/recommendations?user_id=42&k=6")
            _ = try await system.post("/recommendations?user_id=5&k=3")
            let before = #"{"stat":{"request_personal_count":4,"request_default_count":5}}"#
            #expect(String(buffer: try await system.post("/stats").body) == before)
            #expect(String(buffer: try await system.post("/stats_reset").body) == #"{"result":"OK"}"#)
            let after = #"{"stat":{"request_personal_count":0,"request_default_count":0}}"#
            #expect(String(buffer: try await system.post("/stats").body) == after)
        }
    }

    @Test func `for a reload waits until the gateway answers from what the loader loaded`() async throws {
        try await withGateway { system in
            try await system.publish(Self.lists)
            async let response = system.post("/reload")
            // The loader's part, by hand.
            try await eventually("the request is there") {
                try await system.stores.releases.latest()?.hasPrefix("newest ") == true
            }
            let request = try #require(try await system.stores.releases.latest())
            let generation = try await system.load(TestLists(popular: ["new"]))
            try await system.stores.generations.activate(generation, kept: 3, nowMs: 0)
            try await system.stores.releases.record(
                ReleaseOutcome(request: request, state: "loaded", generation: generation, reason: nil), nowMs: 0)
            let reloaded = try await response
            #expect(reloaded.status == .ok)
            #expect(String(buffer: reloaded.body) == #"{"result":"OK"}"#)
            #expect(try await system.answer("/v1/recommendations/1").items == ["new"])
        }
    }

    @Test func `for a reload says so when it was refused`() async throws {
        try await withGateway { system in
            async let response = system.post("/reload")
            try await eventually("the request is there") {
                try await system.stores.releases.latest()?.hasPrefix("newest ") == true
            }
            let request = try #require(try await system.stores.releases.latest())
            try await system.stores.releases.record(
                ReleaseOutcome(request: request, state: "refused", generation: nil, reason: "a test"), nowMs: 0)
            let refused = try await response
            #expect(refused.status == .serviceUnavailable)
            #expect(String(buffer: refused.body) == #"{"result":"ERROR"}"#)
        }
    }
}
