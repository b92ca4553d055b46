// What an operator types, and what comes back: the exit status, and words that say what happened.

import Fixtures
import Models
import Redis
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Commands` {
        @Test func `reload, rollback, generations and hide say what they did`() async throws {
            try await withSystem { system in
                let none = try await system.command("generations")
                #expect(none.status == .exited(0))
                #expect(none.output.contains("no generation is loaded"), "\(none.output)")
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                let nobody = try await system.command("reload", "--wait", "--timeout-seconds", "1")
                #expect(nobody.status != .exited(0))
                #expect(nobody.output.contains("no loader has taken the request"), "\(nobody.output)")

                try await system.start(.loader)
                let gateway = try await system.start(.gateway)
                try await system.start(.features)
                try await gateway.awaitReady()
                try await ReleaseFixture.tagged("t2").publish(to: system.releases)
                let reload = try await system.command("reload", "--wait")
                #expect(reload.status == .exited(0))
                #expect(
                    reload.output.contains("asked for release r-t2\n2/2 instances on generation 2"), "\(reload.output)")
                let answer = try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=5").recommendations()
                #expect(answer.items == (1...5).map { "t2.o1.\($0)" })

                let rollback = try await system.command("rollback", "--wait")
                #expect(rollback.status == .exited(0))
                #expect(
                    rollback.output.contains("generation 1 is live\n2/2 instances on generation 1"),
                    "\(rollback.output)")
                let list = try await system.command("generations").output
                #expect(list.contains("live") && list.contains("r-t1") && list.contains("r-t2"), "\(list)")
                #expect(list.contains("gateway@") && list.contains(": on generation 1"), "\(list)")
                let further = try await system.command("rollback")
                #expect(further.status != .exited(0))
                #expect(further.output.contains("no previous generation"), "\(further.output)")

                #expect(try await system.command("hide", "t1.o1.1", "t1.o1.3").output == "2 of 2 items are hidden now")
                #expect(try await system.command("hide").output == "t1.o1.1\nt1.o1.3")
                try await eventually("the gateway hears of it") {
                    try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=3").recommendations().items
                        == ["t1.o1.2", "t1.o1.4", "t1.o1.5"]
                }
                #expect(try await system.command("hide", "--undo", "t1.o1.1").output == "1 of 1 items are shown again")
                #expect(try await system.command("hide", "no item").status != .exited(0))
                let missing = try await system.command("reload", "--release", "r-none")
                #expect(missing.status != .exited(0))
                #expect(missing.output.contains("r-none has no manifest.json"), "\(missing.output)")
            }
        }

        @Test func `a refused release is an error with its reason, and the live one stays`() async throws {
            try await withSystem { system in
                try await system.start(.loader)
                try await ReleaseFixture.tagged("good").publish(to: system.releases)
                try await system.load("r-good")
                var bad = ReleaseFixture.tagged("later")
                bad.popular = []
                try await bad.publish(to: system.releases)
                let reload = try await system.command("reload", "--wait")
                #expect(reload.status != .exited(0))
                #expect(reload.output.contains("refused: release r-later has no popular items"), "\(reload.output)")
                #expect(try await system.stores.generations.active() == 1)
            }
        }

        @Test func `sample data and lists are made once, and never over what is there`() async throws {
            try await withSystem { system in
                let empty = try await system.command("train", "run", "--no-reload")
                #expect(empty.status != .exited(0))
                #expect(!empty.output.isEmpty)
                let first = try await system.command(
                    "sample-data", "--users", "50", "--items", "40", "--events", "1000")
                #expect(first.status == .exited(0))
                #expect(first.output == "wrote 1000 events of 50 users with 40 items over 60 days", "\(first.output)")
                let second = try await system.command("sample-data", "--users", "5")
                #expect(second.status != .exited(0))
                #expect(second.output.contains("source_data/ is not empty. Use --force"), "\(second.output)")
                let bad = try await system.command("sample-data", "--force", "--users", "0")
                #expect(bad.status != .exited(0))
                #expect(bad.output.contains("users must be between 1"), "\(bad.output)")

                let prepare = try await system.command("train", "prepare-data")
                #expect(prepare.status == .exited(0))
                #expect(prepare.output.contains("events: 1000 read"), "\(prepare.output)")
                let again = try await system.command("train", "prepare-data")
                #expect(again.output.contains("as prepared before: infer_data/"), "\(again.output)")

                let early = try await system.command("train", "calc-recommendations")
                #expect(early.status != .exited(0))
                #expect(early.output.contains("no model is in use"), "\(early.output)")
                let model = try await system.command("train", "retrain-models", "--into-use")
                #expect(model.status == .exited(0))
                #expect(model.output.contains("it is in use"), "\(model.output)")
                let lists = try await system.command("train", "calc-recommendations")
                #expect(lists.output.contains("waits for `freshet train publish`"), "\(lists.output)")
                #expect(try await system.releases.names().isEmpty)
                let train = try await system.command("train", "publish")
                #expect(train.status == .exited(0))
                #expect(train.output.contains("published release"), "\(train.output)")
                let names = try await system.releases.names()
                #expect(names.count == 1)
                #expect(try await system.stores.releases.latest() == names.first)
            }
        }

        @Test func `quarantine lists entries without letting them speak`() async throws {
            try await withSystem { system in
                try await system.start(.features)
                let empty = try await system.command("quarantine")
                #expect(empty.output == "the quarantine is empty")
                _ = try await system.redisCLI("XADD", "events", "*", "user_id", "u1", "item_id", "a\nb\u{1B}[2J")
                try await eventually("it is put aside") {
                    try await !system.stores.events.quarantined(countMax: 1).isEmpty
                }
                let list = try await system.command("quarantine")
                #expect(list.status == .exited(0))
                #expect(list.output.contains("item_id: must be 1 to 64 bytes"), "\(list.output)")
                #expect(!list.output.contains("\u{1B}") && !list.output.contains("\n"), "\(list.output)")
                #expect(try await system.command("quarantine", "--count", "0").status != .exited(0))
            }
        }

        static let wrongSettings: [(name: String, value: String, command: String, says: String)] = [
            ("REDIS_URL", "http://x", "gateway", "REDIS_URL"),
            ("REDIS_URL", "redis://127.0.0.1:1", "generations", "127.0.0.1:1"),
            ("GATEWAY_PORT", "abc", "gateway", "GATEWAY_PORT is \"abc\"; it must be a whole number from 0 to 65535"),
            ("INGEST_PORT", "70000", "ingest", "INGEST_PORT"),
            ("FEATURES_BATCH_COUNT", "0", "features", "FEATURES_BATCH_COUNT"),
            ("LOADER_POLL_MS", "-5", "loader", "LOADER_POLL_MS"),
            ("OBJECT_STORE", "ftp://x", "loader", "OBJECT_STORE"),
            ("EVENT_TYPES", "view=many", "features", "EVENT_TYPES"),
            ("LOG_LEVEL", "loud", "gateway", "LOG_LEVEL"),
            ("BLEND", "stir", "gateway", "BLEND"),
            ("GATEWAY_HOST", "256.1.1.1", "gateway", "256.1.1.1"),
        ]

        @Test(arguments: wrongSettings.indices)
        func `a setting that cannot be used is one clear line and an exit status`(index: Int) async throws {
            let (name, value, command, says) = Self.wrongSettings[index]
            try await withSystem { system in
                let result = try await system.command(
                    command, environment: ["LOG_LEVEL": "critical"].merging([name: value]) { $1 }, withinMs: 15_000)
                #expect(result.status != nil, "it runs: \(result.output)")
                #expect(result.status != .exited(0))
                #expect(result.output.contains(says), "\(result.output)")
                #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
                #expect(!result.output.contains("Fatal error"), "\(result.output)")
            }
        }

        @Test func `a role whose port is taken says so and ends`() async throws {
            try await withSystem { system in
                let result = try await system.command(
                    "ingest", environment: ["INGEST_PORT": "\(system.redis.port)"], withinMs: 15_000)
                #expect(result.status != nil && result.status != .exited(0), "\(result.output)")
                #expect(result.output.contains("\(system.redis.port)"), "\(result.output)")
            }
        }

        @Test(arguments: FreshetProcess.Role.allCases)
        func `a role that is asked to stop ends well`(role: FreshetProcess.Role) async throws {
            try await withSystem { system in
                let process = try await system.start(role)
                // Behind its first lines it listens to signals, and has a client.
                try await eventually("it is connected") {
                    try await system.stores.client.send(RawCommand("CLIENT", ["LIST"])).text?
                        .contains("name=\(role.rawValue)") == true
                }
                #expect(await process.terminate() == .exited(0), "\(process.logTail)")
            }
        }
    }
}
