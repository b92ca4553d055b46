// Every published message lost: what was to be told is found in the keys all the same, within the poll intervals.

import Fixtures
import Models
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `Every published message lost` {
        @Test func `the system converges all the same`() async throws {
            try await withSystem { system in
                let door = try DeafRedisProxy(to: system.redis.port)
                defer { door.close() }
                let deaf = [
                    "REDIS_URL": door.url, "AUTONOMOUS_MODE": "ON", "GATE_WATCH_SECONDS": "0",
                    "GATE_USERS_LOST_MAX": "1", "GATE_SHORT_LISTS_RISE_MAX": "1", "GATE_COVERAGE_MIN": "0",
                ]
                let gateway = try await system.start(.gateway, deaf)
                for role in [FreshetProcess.Role.features, .loader, .trainer] { try await system.start(role, deaf) }

                // From a release to the answers, and a person who waits for it.
                try await ReleaseFixture.tagged("t1").publish(to: system.releases)
                let reload = try await system.command("reload", "--release", "r-t1", "--wait", environment: deaf)
                #expect(reload.status == .exited(0) && reload.output.contains("2/2 instances"), "\(reload.output)")
                try await gateway.awaitReady()
                func tags() async throws -> Set<String> {
                    try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=5").recommendations().tags
                }
                #expect(try await tags() == ["t1"])

                // Items switched off.
                let hide = try await system.command("hide", "t1.o1.1", environment: deaf)
                #expect(hide.status == .exited(0), "\(hide.output)")
                try await eventually("the hidden item is left out") {
                    let answer = try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=5").recommendations()
                    return !answer.items.contains("t1.o1.1")
                }

                // Another release, and back.
                try await ReleaseFixture.tagged("t2").publish(to: system.releases)
                _ = try await system.redisCLI("SET", "releases:latest", "r-t2")
                try await eventually("the second is served") { try await tags() == ["t2"] }
                let back = try await system.command("rollback", "--wait", environment: deaf)
                #expect(back.status == .exited(0), "\(back.output)")
                #expect(try await tags() == ["t1"])

                // From a request to the answers, and a person who follows.
                let data = try await system.command(
                    "sample-data", "--users", "200", "--items", "100", "--events", "4000", "--days", "20")
                try #require(data.status == .exited(0), "\(data.output)")
                let followed = try await system.command(
                    "train", "request", "--follow", environment: deaf, withinMs: 120_000)
                #expect(followed.status == .exited(0) && followed.output.contains("succeeded"), "\(followed.output)")
                let release = try #require(try await system.releases.names().last { !$0.hasPrefix("r-") })
                try await eventually("it is served") {
                    let answer = try await HTTP.get(gateway.port, "/v1/recommendations/u1?k=5").recommendations()
                    return try await system.stores.generations.info(answer.generation)?.release == release
                }
                // Not a single bell was heard.
                print("published messages that were lost: \(door.droppedCount)")
                #expect(door.droppedCount >= 10)
            }
        }
    }
}
