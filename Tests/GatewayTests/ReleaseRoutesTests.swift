// Releases as an administrator's program sees them: what each changes, and a word on the one that waits.

import Fixtures
import HTTPTypes
import HummingbirdTesting
import Models
import NIOCore
import Stores
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `Releases over HTTP` {
    /// What the loader does when a release is to wait; its generation.
    private func makeWait(_ release: String, _ system: GatewayUnderTest) async throws -> Int {
        let lease = system.stores.loaderLease(token: "loader")
        #expect(try await lease.take())
        let generation = try await system.load(TestLists(release: release, popular: ["b"]))
        try await system.stores.generations.hold(generation, leaseToken: "loader")
        let lists = ReleaseReport.Lists(
            release: release, generation: generation, users: 3, emptyLists: 0, shortLists: 0, itemsCovered: 9,
            itemsWithSimilar: 0, ndcg: nil)
        try await system.stores.reports.save(
            ReleaseReport(
                new: lists, live: nil, usersLost: 0, usersGained: 3, overlapAtTen: nil, overlapUsers: 0,
                decision: .waiting, reasons: ["a person decides"], decidedAtMs: 1))
        return generation
    }

    private func report(_ release: String, _ system: GatewayUnderTest) async throws -> String {
        String(buffer: try await system.get("/v1/releases/\(release)", headers: GatewayUnderTest.admin).body)
    }

    @Test func `one that waits is shown, approved, and answered from at once`() async throws {
        try await withGateway { system in
            try await system.publish(TestLists(release: "r1", popular: ["a"]))
            let generation = try await makeWait("r2", system)
            let list = String(buffer: try await system.get("/v1/releases", headers: GatewayUnderTest.admin).body)
            #expect(try await list == #"{"releases":[\#(report("r2", system))]}"#)
            #expect(list.contains(#""decision":"waiting""#) && list.contains("a person decides"), "\(list)")
            #expect(try await system.answer("/v1/recommendations/1").items == ["a"])
            let approved = try await system.post("/v1/releases/r2/approve", headers: GatewayUnderTest.admin)
            #expect(String(buffer: approved.body) == #"{"active":\#(generation)}"#)
            #expect(try await system.answer("/v1/recommendations/1").items == ["b"])
            let decided = try await report("r2", system)
            #expect(
                decided.contains(#""decided_by":"the gateway's administrator","decision":"approved""#), "\(decided)")
            let again = try await system.post("/v1/releases/r2/approve", headers: GatewayUnderTest.admin)
            #expect(again.status == .notFound)
            #expect(try ProblemBody(again).detail.contains("does not wait for approval"))
        }
    }

    @Test func `one that waits is refused, and one that nobody knows is not found`() async throws {
        try await withGateway { system in
            try await system.publish(TestLists(release: "r1", popular: ["a"]))
            let generation = try await makeWait("r2", system)
            let refused = try await system.post("/v1/releases/r2/refuse", headers: GatewayUnderTest.admin)
            #expect(String(buffer: refused.body) == #"{"refused":"r2"}"#)
            #expect(try await system.stores.generations.info(generation)?.state == "refused")
            #expect(try await report("r2", system).contains(#""decision":"refused""#))
            #expect(try await system.answer("/v1/recommendations/1").items == ["a"])
            for uri in ["r9/approve", "r9/refuse"] {
                let response = try await system.post("/v1/releases/\(uri)", headers: GatewayUnderTest.admin)
                #expect(response.status == .notFound)
            }
            let unknown = try await system.get("/v1/releases/r9", headers: GatewayUnderTest.admin)
            #expect(unknown.status == .notFound)
        }
    }
}
