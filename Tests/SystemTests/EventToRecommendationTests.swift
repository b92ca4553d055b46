// The promise of the project: an event comes in, and that user's recommendations change.

import Fixtures
import Models
import Stores
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(1))) struct `From an event to a changed recommendation` {
        static let release = ReleaseFixture(
            "r-first", offline: [("u1", (1...9).map { "o\($0)" })],
            similar: [("i1", (1...9).map { "s\($0)" }), ("7", ["8", "9"])], popular: (1...9).map { "p\($0)" },
            items: [("i1", true, "c1 root"), ("o1", true, "c1 root")])

        private func withRoles(
            _ body: (FreshetSystem, _ gateway: FreshetProcess, _ ingest: FreshetProcess, _ features: FreshetProcess)
                async throws -> Void
        ) async throws {
            try await withSystem { system in
                try await Self.release.publish(to: system.releases)
                try await system.start(.loader)
                let features = try await system.start(.features)
                let ingest = try await system.start(.ingest)
                let gateway = try await system.start(.gateway)
                for process in [features, ingest, gateway] { try await process.awaitReady() }
                try await body(system, gateway, ingest, features)
            }
        }

        @Test func `an entry of redis-cli shows in the request that asks for it`() async throws {
            try await withRoles { system, gateway, _, _ in
                let before = try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=6").recommendations()
                #expect(before.items == ["o1", "o2", "o3", "o4", "o5", "o6"])
                #expect(before.online_as_of == nil)

                let id = try await system.redisCLI("XADD", "events", "*", "user_id", "u1", "item_id", "i1")
                let answer = try await HTTP.get(
                    gateway.port, "/v1/recommendations/u1?k=6&explain=true&after=\(id)&wait_ms=10000")
                let after = try answer.recommendations()
                #expect(after.items == ["s1", "o1", "s2", "o2", "s3", "o3"])
                #expect(after.sources == ["online", "offline", "online", "offline", "online", "offline"])
                #expect(after.served_by == "full")
                #expect(!after.stale)
                #expect(after.online_as_of == id)
                #expect(after.recommendations[0].cause?.item_id == "i1")
                #expect(answer.header("x-generation") == "\(after.generation)")
                let field = try await system.redisCLI("HGET", "online:{u1}", "i1")
                #expect(field.contains("\(id) view \(after.generation) s1:1 s2:0.5"), "\(field)")
            }
        }

        @Test func `an event over HTTP gives a user whom nobody knew recommendations of their own`() async throws {
            try await withRoles { _, gateway, ingest, _ in
                let before = try await HTTP.get(gateway.port, "/v1/recommendations/cold?k=3").recommendations()
                #expect(before.sources == ["popular", "popular", "popular"])
                let body = #"{"user_id": "cold", "item_id": "i1", "event": "addtocart", "shop": "north"}"#
                let ids = try await HTTP.post(ingest.port, "/v1/events", body).decode(IngestAnswer.self).ids
                let id = try #require(ids.first ?? nil)
                let after = try await HTTP.get(
                    gateway.port, "/v1/recommendations/cold?k=12&after=\(id)&wait_ms=10000"
                ).recommendations()
                #expect(after.items == (1...9).map { "s\($0)" } + ["p1", "p2", "p3"])
            }
        }

        @Test func `clients of the classic three services find their routes`() async throws {
            try await withRoles { _, gateway, ingest, features in
                #expect(try await HTTP.post(ingest.port, "/put?user_id=5&item_id=7").text == #"{"result":"OK"}"#)
                #expect(try await HTTP.post(ingest.port, "/get?user_id=5&k=10").text == #"{"events":[7]}"#)
                let online = try await HTTP.post(gateway.port, "/recommendations_online?user_id=5&k=2").text
                #expect(online == #"{"recs":[8,9]}"#)
                let similar = try await HTTP.post(features.port, "/similar_items?item_id=7&k=10").text
                #expect(similar == #"{"sim_itemid":[8,9],"sim_score":[1.0,0.5]}"#)
            }
        }

        @Test func `several streams keep each user's events together`() async throws {
            var options = SystemOptions()
            options.partitions = 4
            try await withSystem(options) { system in
                try await Self.release.publish(to: system.releases)
                try await system.start(.loader)
                let features = try await system.start(.features)
                let ingest = try await system.start(.ingest)
                try await features.awaitReady()
                let lines = (0..<200).map { #"{"user_id": "u\#($0 % 20)", "item_id": "i\#($0)"}"# }
                let answer = try await HTTP.post(
                    ingest.port, "/v1/events", lines.joined(separator: "\n"), type: "application/x-ndjson")
                let ids = try answer.decode(IngestAnswer.self).ids
                try await system.awaitAllApplied()
                for user in 0..<20 {
                    let entries = try await system.stores.online.entries(of: try #require(UserID("u\(user)")))
                    // Ten touches each, newest first, in the order in which they were sent.
                    #expect(entries.map(\.item.text) == (0..<10).reversed().map { "i\(user + 20 * $0)" })
                    #expect(entries.map(\.id.description) == (0..<10).reversed().map { ids[user + 20 * $0] })
                }
            }
        }
    }
}
