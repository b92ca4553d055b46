// What the running processes say to input that means no good. The roles' own tests have the long tables; these go
// through the real sockets of the real executable, and see that everything goes on behind them.

import Fixtures
import Models
import Redis
import Stores
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(1))) struct `Hostile input` {
        private struct Attempt {
            let method: String
            let path: String
            var body = ""
            var type = "application/json"
            let statuses: ClosedRange<Int>
        }

        private static let gatewayAttempts = [
            Attempt(method: "GET", path: "/v1/recommendations/u1?k=-1", statuses: 400...400),
            Attempt(method: "GET", path: "/v1/recommendations/u1?k=1000000000", statuses: 400...400),
            Attempt(method: "GET", path: "/v1/recommendations/u1?k=1e3&k=2", statuses: 400...400),
            Attempt(method: "GET", path: "/v1/recommendations/%00%FF%C3", statuses: 400...400),
            Attempt(method: "GET", path: "/v1/recommendations/%7Bu1%7D", statuses: 400...400),
            Attempt(
                method: "GET", path: "/v1/recommendations/" + String(repeating: "x", count: 65), statuses: 400...400),
            Attempt(method: "GET", path: "/v1/recommendations/u1?colour=red", statuses: 400...400),
            Attempt(method: "GET", path: "/v1/recommendations/u1?after=yesterday", statuses: 400...400),
            Attempt(method: "GET", path: "/../../etc/passwd", statuses: 400...404),
            Attempt(method: "POST", path: "/v1/recommendations/session", body: "{\"items\": [", statuses: 400...400),
            Attempt(
                method: "POST", path: "/v1/recommendations/batch", body: "[]", type: "text/csv", statuses: 400...415),
            Attempt(method: "GET", path: "/v1/generations", statuses: 401...403),
        ]

        private static let ingestAttempts = [
            Attempt(method: "POST", path: "/v1/events", body: "{", statuses: 400...400),
            Attempt(method: "POST", path: "/v1/events", body: "{\"user_id\": \"u1\"}", statuses: 400...400),
            Attempt(
                method: "POST", path: "/v1/events", body: "{\"user_id\": \"u 1\", \"item_id\": \"i1\"}",
                statuses: 400...400),
            Attempt(
                method: "POST", path: "/v1/events",
                body: "{\"user_id\": \"u1\", \"item_id\": \"i1\", \"event\": \"steal\"}",
                statuses: 400...400),
            Attempt(method: "POST", path: "/v1/events", body: "user_id=u1", type: "text/plain", statuses: 415...415),
            Attempt(
                method: "POST", path: "/v1/events", body: String(repeating: "[", count: 100_000), statuses: 400...400),
            Attempt(
                method: "POST", path: "/v1/events", body: String(repeating: " ", count: 10_000_000), statuses: 413...413
            ),
            Attempt(method: "POST", path: "/put?user_id=u1", statuses: 400...400),
        ]

        @Test func `gets a 4xx with a reason, and everything goes on`() async throws {
            try await withSystem { system in
                try await `From an event to a changed recommendation`.release.publish(to: system.releases)
                try await system.start(.loader)
                let features = try await system.start(.features)
                let gateway = try await system.start(.gateway)
                let ingest = try await system.start(.ingest)
                for process in [features, gateway, ingest] { try await process.awaitReady() }
                for (process, attempts) in [(gateway, Self.gatewayAttempts), (ingest, Self.ingestAttempts)] {
                    for attempt in attempts {
                        let answer = try await Self.send(attempt, to: process.port)
                        let shown = "\(attempt.method) \(attempt.path.prefix(60)) \(attempt.body.prefix(60))"
                        #expect(attempt.statuses.contains(answer.status), "\(shown): \(answer.status)")
                        #expect(answer.isProblem(answer.status), "\(shown): \(answer.text.prefix(300))")
                    }
                    #expect(try await HTTP.get(process.port, "/readyz").status == 200)
                }
                // Nothing of it reached the stream.
                #expect(try await system.stores.client.send(XRANGE("events")).isEmpty)
            }
        }

        /// Fields as redis-cli takes them, and what the quarantine must say.
        private static let rubbish: [(fields: [String], reason: String)] = [
            (["foo", "bar"], "user_id: is missing"),
            (["user_id", "u1"], "item_id: is missing"),
            (["user_id", "", "item_id", "i1"], "user_id: must be"),
            (["user_id", "u1", "item_id", "i1", "v", "2"], "v: is 2"),
            (["user_id", "u1", "item_id", "i1", "ts", "soon"], "ts: must be"),
            (["user_id", "u1", "item_id", "i1", "event", "steal"], "event: unknown type"),
            (["user_id", "u1", "item_id", String(repeating: "x", count: 100_000)], "item_id: must be"),
        ]

        @Test func `rubbish on the stream is put aside with its reason and stops nobody`() async throws {
            try await withSystem { system in
                try await system.start(.features)
                var ids: [String: String] = [:]
                for (fields, reason) in Self.rubbish {
                    let id = try await system.stores.client.send(
                        RawCommand("XADD", ["events", "*"] + fields.map { .string($0) })
                    ).text
                    ids[try #require(id)] = reason
                }
                let binary = try await system.stores.client.send(
                    RawCommand("XADD", ["events", "*", "user_id", .bytes([0xFF, 0xFE]), "item_id", "i1"])
                ).text
                ids[try #require(binary)] = "not UTF-8"
                // A user whose key somebody has made something else of.
                _ = try await system.redisCLI("SET", "online:{broken}", "by hand")
                let broken = try await system.redisCLI("XADD", "events", "*", "user_id", "broken", "item_id", "i1")
                ids[broken] = "could not be applied"
                _ = try await system.redisCLI("XADD", "events", "*", "user_id", "good", "item_id", "i1")
                try await system.awaitAllApplied()

                let entries = try await system.stores.events.quarantined(countMax: 100)
                #expect(entries.count == ids.count)
                for (id, reason) in ids {
                    let entry = entries.first { $0.value("_id") == id }
                    #expect(
                        entry?.value("_reason")?.contains(reason) == true, "\(reason): \(String(describing: entry))")
                    #expect(entry?.value("_stream") == "events")
                }
                let good = try #require(UserID("good"))
                #expect(try await system.stores.online.entries(of: good).map(\.item.text) == ["i1"])
            }
        }

        private static func send(_ attempt: Attempt, to port: Int) async throws -> HTTPAnswer {
            if attempt.method == "GET" { return try await HTTP.get(port, attempt.path) }
            return try await HTTP.post(port, attempt.path, attempt.body, type: attempt.type)
        }
    }
}
