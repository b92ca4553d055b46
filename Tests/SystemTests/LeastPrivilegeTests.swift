// Each role as its own Redis user of redis/users.acl, through everything that it ever does: nothing that it needs is
// refused, and what it does not need is.

import Fixtures
import FoundationEssentials
import Models
import NIOHTTP1
import Redis
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Least privilege` {
        private static let adminToken = "let-me-in"

        @Test func `no role is refused anything in a whole cycle`() async throws {
            try await withSystem(try RoleUsers.options()) { system in
                func environment(_ role: String) -> [String: String] {
                    ["REDIS_URL": RoleUsers.url(role, system), "LIVE_QUALITY_SHARE": "1"]
                }
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                let loader = try await system.start(
                    .loader,
                    environment("loader").merging([
                        "RETIRE_GRACE_SECONDS": "0", "LOADER_POLL_MS": "100", "KEEP_GENERATIONS": "1",
                    ]) { $1 })
                let features = try await system.start(
                    .features, environment("features").merging(["FEATURES_CLAIM_IDLE_MS": "100"]) { $1 })
                let ingest = try await system.start(.ingest, environment("ingest"))
                let archive = try await system.start(
                    .archive,
                    environment("archive").merging(["ARCHIVE_FILE_SECONDS": "1", "ARCHIVE_POLL_MS": "100"]) { $1 })
                // A time of the schedule was missed.
                _ = try await system.stores.client.send(SET("training:schedule", "1"))
                let trainer = try await system.start(.trainer, environment("trainer").merging(Self.training) { $1 })
                let gateway = try await system.start(
                    .gateway, environment("gateway").merging(["ADMIN_TOKEN": Self.adminToken]) { $1 })
                for process in [features, ingest, gateway] { try await process.awaitReady() }
                try await Self.touch("u1", ingest, gateway)
                try await Self.awaitQuality(system, ingest, gateway)
                try await Self.readEverything(gateway, ingest, features)
                for process in [loader, features, ingest, gateway] { _ = try await MetricPage.scrape(process) }

                // Rubbish, a dead consumer's entries, reloads with removal of the oldest, and the way back.
                _ = try await system.stores.client.send(XADD("events", fields: [(field: "foo", value: "bar")]))
                try await Self.leavePending(system)
                for number in 2...4 {
                    try await ReleaseFixture.tagged("t\(number)").publish(to: system.releases)
                    let reload = try await system.command("reload", "--wait", environment: environment("operator"))
                    #expect(reload.status == .exited(0), "\(reload.output)")
                }
                try await eventually("old generations are removed") {
                    try await system.stores.generations.all().count <= 2
                }
                #expect(try await system.command("rollback", environment: environment("operator")).status == .exited(0))
                try await Self.administer(gateway)
                try await system.awaitAllApplied()

                try await Self.awaitTracking(trainer)

                // A restart, after which everything is there but the functions. Redis reads its log back as the user
                // `default`; what that user may not do, is not there.
                let user = try #require(UserID("u1"))
                let (active, entries) = (
                    try await system.stores.generations.active(), try await system.stores.online.entries(of: user)
                )
                #expect(active != nil && !entries.isEmpty)
                _ = try await system.stores.client.send(RawCommand("FUNCTION", ["FLUSH"]))
                try await system.restartRedis()
                _ = try await system.stores.client.send(RawCommand("FUNCTION", ["FLUSH"], isIdempotent: true))
                #expect(try await system.stores.generations.active() == active)
                #expect(try await system.stores.online.entries(of: user) == entries)
                for process in [features, ingest, gateway] { try await process.awaitReady() }
                try await Self.touch("u2", ingest, gateway)
                try await Self.administer(gateway)
                try await Self.awaitArchiveAndTraining(system)
                for process in [features, ingest, archive, trainer, gateway] {
                    let status = await process.terminate()
                    #expect(status == .exited(0), "\(process.role)")
                }
                let refused = try await system.stores.client.send(RawCommand("ACL", ["LOG"])).values
                #expect(refused.isEmpty, "\(refused.map { $0.values.map { $0.text ?? "?" }.joined(separator: " ") })")
            }
        }

        /// Nobody is there as MLflow: what the lease of sending needs is asked for all the same.
        private static let training = [
            "TRAINING_SCHEDULE": "@hourly", "MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_POLL_MS": "100",
        ]

        private static func awaitTracking(_ trainer: FreshetProcess) async throws {
            try await eventually("the trainer has the lease, and nobody answers as MLflow") {
                (try await MetricPage.scrape(trainer).sum("freshet_mlflow_failures_total") ?? 0) > 0
            }
        }

        /// What must be refused to each role.
        private static let forbidden: [(role: String, commands: [[String]])] = [
            (
                "ingest",
                [
                    ["GET", "gen:1:meta"], ["SET", "generation:active", "7"], ["DEL", "events"], ["FLUSHALL"],
                    ["HSET", "online:{u1}", "a", "b"], ["CONFIG", "GET", "*"], ["KEYS", "*"],
                    ["XTRIM", "events", "MAXLEN", "0"], ["LRANGE", "served:{u1}", "0", "-1"],
                ]
            ),
            (
                "features",
                [
                    ["SET", "gen:1:popular", "x"], ["DEL", "gen:1:meta"], ["SET", "generation:active", "7"],
                    ["FLUSHALL"],
                    ["PUBLISH", "generations", "7"], ["SADD", "hidden", "x"], ["FUNCTION", "FLUSH"],
                ]
            ),
            (
                "archive",
                [
                    ["XADD", "events", "*", "a", "b"], ["XTRIM", "events", "MAXLEN", "0"], ["DEL", "online:{u1}"],
                    ["GET", "generation:active"], ["SET", "releases:latest", "x"], ["FLUSHALL"],
                ]
            ),
            (
                "loader",
                [
                    ["HGETALL", "online:{u1}"], ["XADD", "events", "*", "a", "b"], ["SADD", "hidden", "x"],
                    ["FLUSHALL"],
                    ["KEYS", "*"], ["CONFIG", "SET", "maxmemory", "0"],
                ]
            ),
            (
                "trainer",
                [
                    ["GET", "generation:active"], ["HGETALL", "online:{u1}"], ["XADD", "events", "*", "a", "b"],
                    ["FLUSHALL"],
                ]
            ),
            (
                "gateway",
                [
                    ["HSET", "online:{u1}", "a", "b"], ["DEL", "online:{u1}"], ["SET", "gen:1:popular", "x"],
                    ["XTRIM", "events", "MAXLEN", "0"],
                    ["XADD", "online:{u1}", "*", "a", "b"], ["HSET", "freshness", "a", "1"],
                    ["XACK", "events", "features", "1-1"], ["FLUSHALL"],
                    ["HINCRBY", "quality:2026-11-26", "a", "1"], ["DEL", "served:{u1}"],
                    ["LRANGE", "served:{u1}", "0", "-1"],
                    ["ZADD", "scored:{u1}", "1", "1-1"],
                    ["ACL", "LIST"], ["SET", "loader:lease", "x"], ["GET", "loader:lease"],
                ]
            ),
            (
                "airflow",
                [
                    ["SET", "generation:active", "7"], ["HSET", "gen:1:meta", "state", "ready"],
                    ["HGETALL", "online:{u1}"], ["GET", "gen:1:popular"], ["SET", "releases:latest", "x"],
                    ["SET", "training:lease", "x"], ["DEL", "training:run:x"], ["GET", "training:fence"],
                    ["XADD", "events", "*", "a", "b"], ["PUBLISH", "hidden", "x"], ["FUNCTION", "FLUSH"],
                    ["KEYS", "*"], ["CONFIG", "GET", "*"], ["FLUSHALL"],
                    ["FCALL", "generation_rollback", "2", "generation:active", "generation:previous", "1"],
                ]
            ),
            ("default", [["GET", "generation:active"]]),
        ]

        @Test func `nobody may do what is not theirs`() async throws {
            try await withSystem(try RoleUsers.options()) { system in
                for (role, commands) in Self.forbidden {
                    for command in commands {
                        let login =
                            role == "default"
                            ? [] : ["--user", role, "--pass", RoleUsers.password(role), "--no-auth-warning"]
                        let answer = try await system.redisCLI(login + command)
                        #expect(
                            answer.hasPrefix("NOPERM") || answer.hasPrefix("NOAUTH"), "\(role) \(command): \(answer)")
                    }
                }
            }
        }

        private static func awaitArchiveAndTraining(_ system: FreshetSystem) async throws {
            try await eventually("all is archived") {
                try await system.stores.events.progress().first { $0.group == "archive" }?.lag == 0
            }
            // There is nothing to train on, which is an end too.
            try await eventually("what was asked for is over") {
                let runs = try await system.stores.training.latest(countMax: 9)
                return runs.contains { $0.by == "schedule" } && runs.allSatisfy { $0.state?.isOver == true }
            }
        }

        /// An event, and the recommendations that follow from it.
        private static func touch(_ user: String, _ ingest: FreshetProcess, _ gateway: FreshetProcess) async throws {
            let body = #"{"user_id": "\#(user)", "item_id": "i1", "event_id": "e-\#(user)"}"#
            let answer = try await HTTP.post(ingest.port, "/v1/events", body)
            let id = try #require(try answer.decode(IngestAnswer.self).ids.first ?? nil)
            let path = "/v1/recommendations/\(user)?k=20&after=\(id)&wait_ms=10000"
            let read = try await HTTP.get(gateway.port, path).recommendations()
            #expect(read.online_as_of == id)
            #expect(read.served_by == "full")
        }

        /// A list is remembered, and an event held against it.
        private static func awaitQuality(
            _ system: FreshetSystem, _ ingest: FreshetProcess, _ gateway: FreshetProcess
        ) async throws {
            try await eventually("a list is remembered") {
                try await system.stores.client.send(EXISTS(["served:{u1}"])) == 1
            }
            let event = #"{"user_id": "u1", "item_id": "i7"}"#
            #expect(try await HTTP.post(ingest.port, "/v1/events", event).status == 200)
            try await eventually("an event is counted") {
                try await HTTP.get(gateway.port, "/v1/quality").text.contains(#""events":1,"#)
            }
        }

        /// Every other route that reads.
        private static func readEverything(
            _ gateway: FreshetProcess, _ ingest: FreshetProcess, _ features: FreshetProcess
        ) async throws {
            for path in [
                "/v1/recommendations/u1/offline", "/v1/recommendations/u1/online", "/v1/items/i1/similar",
                "/v1/popular",
                "/v1/popular?category=c1", "/v1/recommendations/u1?category=c1", "/v1/stats",
                "/v1/quality?days=8",
            ] {
                let answer = try await HTTP.get(gateway.port, path)
                #expect(answer.status == 200, "\(path) \(answer.text)")
            }
            for (port, path, body) in [
                (gateway.port, "/v1/recommendations/session", #"{"items": ["i1"]}"#),
                (gateway.port, "/v1/recommendations/batch", #"{"user_ids": ["u1", "u2"]}"#),
                (gateway.port, "/recommendations?user_id=1&k=3", ""), (gateway.port, "/stats", ""),
                (gateway.port, "/reload", ""),
                (ingest.port, "/put?user_id=3&item_id=4", ""), (ingest.port, "/get?user_id=3&k=4", ""),
                (features.port, "/similar_items?item_id=4&k=5", ""),
            ] {
                let answer = try await HTTP.post(port, path, body)
                #expect(answer.status == 200, "\(path) \(answer.text)")
            }
            #expect(try await HTTP.get(features.port, "/v1/stats").status == 200)
        }

        /// Everything an administrator does over HTTP.
        private static func administer(_ gateway: FreshetProcess) async throws {
            struct Generations: Decodable { let generations: [Generation] }
            struct Generation: Decodable { let generation: Int }
            func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> HTTPAnswer {
                let answer = try await HTTP.withConnection(gateway.port) { connection in
                    try await connection.send(
                        .init(rawValue: method), path,
                        headers: [("Authorization", "Bearer \(adminToken)"), ("Content-Type", "application/json")],
                        body: body)
                }
                #expect(answer.status == 200, "\(method) \(path): \(answer.text)")
                return answer
            }
            let list = try await send("GET", "/v1/generations").decode(Generations.self).generations.map(\.generation)
            for generation in list { _ = try await send("POST", "/v1/generations/\(generation)/activate", "") }
            _ = try await send("POST", "/v1/generations/rollback", "")
            _ = try await send("POST", "/v1/hidden", #"{"items": ["t4.p1"]}"#)
            _ = try await send("GET", "/v1/hidden")
            _ = try await send("DELETE", "/v1/hidden?items=t4.p1")
            struct Ticket: Decodable { let run: String }
            let run = try await send("POST", "/v1/training", "{}").decode(Ticket.self).run
            _ = try await send("GET", "/v1/training")
            _ = try await send("GET", "/v1/training/\(run)")
            _ = try await send("DELETE", "/v1/training/\(run)")
        }

        /// An entry that a consumer took and died with.
        private static func leavePending(_ system: FreshetSystem) async throws {
            try await system.stores.events.withReader(group: .features, consumer: "dead") { reader in
                // The living may be quicker; then there is one more to take.
                var isTaken = false
                while !isTaken {
                    _ = try await system.stores.client.send(
                        XADD("events", fields: [(field: "user_id", value: "u9"), (field: "item_id", value: "i2")]))
                    isTaken = try await !reader.read(countMax: 1, blockMs: 1).isEmpty
                }
            }
        }
    }
}
