// The gate and the watch behind it with processes as operators run them: a release that waits through a loader's death, and one
// that takes its users' lists away and is taken back.

import Fixtures
import Redis
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `The release gate in a running system` {
        @Test func `a release waits while the loader is killed, and a person's word makes it live`() async throws {
            try await withSystem(SystemOptions(environment: ["RELEASE_APPROVAL": "on"])) { system in
                let loader = try await system.start(.loader, ["LOADER_POLL_MS": "100"])
                let gateway = try await system.start(.gateway)
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                try await system.load("r-t1")
                try await gateway.awaitReady()
                try await ReleaseFixture.tagged("t2").publish(to: system.releases)
                let reload = try await system.command("reload", "--release", "r-t2", "--wait")
                #expect(reload.status != .exited(0) && reload.output.contains("wait"), "\(reload.output)")
                await loader.kill()
                _ = try await system.redisCLI("DEL", "loader:lease")
                try await loader.start()
                // The new loader has looked at everything once it has handled this.
                let request = try await system.stores.releases.request("r-none")
                try await eventually("the new loader works") {
                    try await system.stores.releases.outcome()?.request == request
                }
                let list = try await system.command("generations").output
                #expect(list.contains("waits for `freshet release approve`"), "\(list)")
                let missing = try await system.command("release", "approve", "r-none")
                #expect(missing.status != .exited(0) && missing.output.contains("r-t2 does"), "\(missing.output)")
                let approve = try await system.command("release", "approve", "r-t2", "--wait")
                #expect(approve.status == .exited(0), "\(approve.output)")
                #expect(approve.output.contains("1/1 instances on generation 2"), "\(approve.output)")
                let answer = try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=5").recommendations()
                #expect(answer.items == (1...5).map { "t2.o1.\($0)" })
                let shown = try await system.command("release", "show", "r-t2").output
                #expect(shown.contains("approved by ") && shown.contains("users lost 0, gained 0"), "\(shown)")
            }
        }

        @Test func `a release whose lists its users miss is taken back, and stays out`() async throws {
            let settings = [
                "GATE_USERS_LOST_MAX": "1", "GATE_WATCH_ANSWERS_MIN": "60", "LOADER_POLL_MS": "200",
            ]
            try await withSystem(SystemOptions(environment: settings)) { system in
                try await system.start(.loader)
                let gateway = try await system.start(.gateway)
                try await ReleaseFixture.tagged("t1", users: 20).publish(to: system.releases)
                let first = try await system.load("r-t1")
                try await gateway.awaitReady()
                /// Asks for all users, as long as it takes until the gateway has said so.
                func ask(until what: String, _ condition: () async throws -> Bool) async throws {
                    try await eventually(what, seconds: 60) {
                        for user in 1...20 {
                            let path = "/v1/recommendations/u\(user)?k=5"
                            _ = try await HTTP.get(gateway.port, path).recommendations()
                        }
                        return try await condition()
                    }
                }
                try await ask(until: "answers of the first are counted") {
                    try await system.stores.tallies.total(of: first).answers >= 60
                }
                // Lists for others only: nobody who asks has one, and everything else is as it was.
                var worse = ReleaseFixture.tagged("t2", users: 20)
                worse.offline = worse.offline.map { ("other-\($0.user)", $0.items) }
                try await worse.publish(to: system.releases)
                let second = try await system.load("r-t2")
                #expect(first != second)
                try await ask(until: "the second is taken back") {
                    try await system.stores.generations.active() == first
                }
                let list = try await system.command("release", "list").output
                #expect(list.contains("withdrawn") && list.contains("filled up with popular items"), "\(list)")
                #expect(list.contains("held nothing from an offline list"), "\(list)")
                let generations = try await system.command("generations").output
                #expect(generations.contains("taken back; `freshet release report` says why"), "\(generations)")
                // The classic reload wants the newest, which is the one that was taken back.
                #expect(try await HTTP.post(gateway.port, "/reload", "").status == 503)
                #expect(try await system.stores.generations.active() == first)
                let answer = try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=5").recommendations()
                #expect(answer.items == (1...5).map { "t1.o1.\($0)" })
            }
        }
    }
}
