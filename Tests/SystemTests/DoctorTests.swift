// The doctor on a system that is well, and on a real Redis brought into each state that it is there to find.

import Fixtures
import FoundationEssentials
import Models
import ObjectStore
import Redis
import Stores
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(4))) struct `Doctor` {
        private struct Diagnosis: Decodable {
            struct Finding: Decodable {
                let check: String
                let level: String
                let detail: String
                let remedy: String?
            }
            let level: String
            let findings: [Finding]

            var bad: [String] { findings.filter { $0.level != "ok" }.map { "\($0.check): \($0.level)" } }
            func finding(_ check: String) throws -> Finding {
                try #require(findings.first { $0.check == check }, "no \(check) among \(findings.map(\.check))")
            }
        }

        private func diagnose(
            _ system: FreshetSystem, _ environment: [String: String] = [:], arguments: [String] = []
        ) async throws -> (status: ChildProcess.ExitStatus?, diagnosis: Diagnosis) {
            let result = try await system.command(["doctor", "--json"] + arguments, environment: environment)
            do {
                return (result.status, try JSONDecoder().decode(Diagnosis.self, from: Data(result.output.utf8)))
            } catch { throw TestServerError("no diagnosis: \(result.output)") }
        }

        /// Demands that a finding is as bad as said, names `text`, and says what to do.
        private func expect(
            _ check: String, _ level: String, _ text: String, in diagnosis: Diagnosis,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let finding = try diagnosis.finding(check)
            #expect(finding.level == level, "\(finding)", sourceLocation: sourceLocation)
            #expect(finding.detail.contains(text), "\(finding)", sourceLocation: sourceLocation)
            #expect(finding.remedy?.isEmpty == false, "\(finding)", sourceLocation: sourceLocation)
        }

        private func withHealthySystem(
            _ body: (FreshetSystem, [String: String]) async throws -> Void
        ) async throws {
            var options = SystemOptions()
            options.redis.isPersistent = true
            try await withSystem(options) { system in
                // One list of which nothing is left: it is counted, and not there.
                var release = ReleaseFixture.tagged("d")
                release.items.append(("gone", false, "c1"))
                release.similar.append(("i11", ["gone"]))
                try await release.publish(to: system.releases)
                var ports: [String: String] = [:]
                for role in FreshetProcess.Role.allCases {
                    let process = try await system.start(role)
                    ports["\(role.rawValue.uppercased())_PORT"] = "\(process.port)"
                }
                try await system.load("r-d")
                _ = try await system.redisCLI("XADD", "events", "*", "user_id", "u1", "item_id", "i1")
                try await eventually("all is well") {
                    try await diagnose(system, ports).diagnosis.bad.isEmpty
                }
                try await body(system, ports)
            }
        }

        @Test func `a system that is well has nothing to hear`() async throws {
            try await withHealthySystem { system, ports in
                let result = try await system.command(["doctor", "--strict"], environment: ports)
                #expect(result.status == .exited(0), "\(result.output)")
                for check in [
                    "redis.reach", "redis.version", "redis.eviction", "redis.memory", "redis.persistence",
                    "redis.clock", "redis.functions", "events.features.lag", "events.features.pending",
                    "events.archive.lag", "events.quarantine", "generation.live", "generation.rollback",
                    "generation.waiting", "generation.loading", "generation.instances", "keys.endless", "keys.orphaned",
                    "objects.reach",
                    "objects.clock", "port.gateway", "port.features", "port.ingest", "port.loader", "port.archive",
                    "port.trainer",
                ] { #expect(result.output.contains("ok    \(check) "), "\(check) is missing from\n\(result.output)") }
                #expect(result.output.contains("27 ok, 0 warning, 0 failure"), "\(result.output)")
            }
        }

        @Test func `each ill is found in a running system, and is gone once it is healed`() async throws {
            try await withHealthySystem { system, ports in
                func cli(_ words: String) async throws {
                    _ = try await system.redisCLI(words.split(separator: " ").map(String.init))
                }
                func expectIll(
                    _ check: String, _ level: String, _ text: String, by ill: String, healedBy cure: String?,
                    sourceLocation: SourceLocation = #_sourceLocation
                ) async throws {
                    try await cli(ill)
                    let (status, diagnosis) = try await diagnose(system, ports)
                    try expect(check, level, text, in: diagnosis, sourceLocation: sourceLocation)
                    #expect(status == .exited(level == "failure" ? 1 : 0), sourceLocation: sourceLocation)
                    if let cure { try await cli(cure) }
                }
                try await expectIll(
                    "redis.eviction", "failure", "allkeys-lru", by: "CONFIG SET maxmemory-policy allkeys-lru",
                    healedBy: "CONFIG SET maxmemory-policy noeviction")
                try await expectIll(
                    "redis.persistence", "warning", "append-only file is off", by: "CONFIG SET appendonly no",
                    healedBy: "CONFIG SET appendonly yes")
                try await expectIll(
                    "redis.memory", "warning", "may not fit", by: "CONFIG SET maxmemory 1000000",
                    healedBy: "CONFIG SET maxmemory 0")
                try await expectIll(
                    "keys.endless", "warning", "online:{ghost}", by: "HSET online:{ghost} i1 x",
                    healedBy: "DEL online:{ghost}")
                try await expectIll(
                    "keys.orphaned", "warning", "gen:99:popular", by: "SET gen:99:popular x",
                    healedBy: "DEL gen:99:popular")
                try await expectIll(
                    "generation.instances", "warning", "gateway@ghost",
                    by: "ZADD instances 9999999999999 gateway@ghost",
                    healedBy: "ZREM instances gateway@ghost")
                try await expectIll(
                    "generation.rollback", "warning", "go back to 98", by: "LPUSH generation:previous 98",
                    healedBy: "LPOP generation:previous")
                try await eventually("all is well again") {
                    try await diagnose(system, ports).diagnosis.bad.isEmpty
                }
                // These leave something behind.
                try await expectIll(
                    "redis.functions", "failure", "freshet_events", by: "FUNCTION DELETE freshet_events", healedBy: nil)
                try await expectIll(
                    "generation.live", "failure", "4 of 5 offline lists", by: "DEL gen:1:offline:{u1}", healedBy: nil)
                try await cli("XADD events * user_id u1")
                try await eventually("the entry is put aside") {
                    try await system.redisCLI("XLEN", "events:quarantine") == "1"
                }
                try expect("events.quarantine", "warning", "1 entries", in: try await diagnose(system, ports).diagnosis)
                let strict = try await diagnose(system, ports, arguments: ["--strict"])
                #expect(strict.status == .exited(1))
            }
        }

        @Test func `a Redis without anybody at work is diagnosed from what lies in it`() async throws {
            try await withSystem { system in
                var ports: [String: String] = [:]
                for role in ["GATEWAY", "FEATURES", "INGEST"] { ports["\(role)_PORT"] = "\(try FreePort.find())" }
                let (emptyStatus, empty) = try await diagnose(system, ports)
                #expect(emptyStatus == .exited(1))
                try expect("generation.live", "failure", "none is live", in: empty)
                try expect("redis.functions", "failure", "not loaded", in: empty)
                try expect("port.gateway", "warning", "nobody answers", in: empty)
                #expect(try empty.finding("events.features").level == "ok")

                // Entries of long ago: the first has been handed out to somebody who is gone, two wait.
                for id in 1...3 {
                    _ = try await system.redisCLI("XADD", "events", "\(id)000-0", "user_id", "u", "item_id", "i")
                }
                try expect(
                    "events.features", "failure", "nobody has ever read",
                    in: try await diagnose(system, ports).diagnosis)
                _ = try await system.redisCLI("XGROUP", "CREATE", "events", "features", "0")
                _ = try await system.redisCLI(
                    "XREADGROUP", "GROUP", "features", "ghost", "COUNT", "1", "STREAMS", "events", ">")
                _ = try await system.redisCLI("HSET", "gen:7:meta", "state", "loading", "started_at_ms", "1")
                _ = try await system.redisCLI("ZADD", "generation:index", "7", "7")
                _ = try await system.redisCLI("SET", "generation:active", "7")
                var limits = ports
                limits["INGEST_LAG_MAX"] = "1"
                let ill = try await diagnose(system, limits).diagnosis
                try expect("events.features.lag", "failure", "2 events wait", in: ill)
                try expect("events.features.pending", "warning", "not acknowledged", in: ill)
                try expect("events.archive", "warning", "nobody has ever read", in: ill)
                try expect("generation.loading", "warning", "7 began to load", in: ill)
                try expect("generation.live", "failure", "its state is loading", in: ill)
                try expect("generation.instances", "failure", "no gateway", in: ill)

                let old = "#!lua name=freshet_online\nredis.register_function('online_apply', function() return 0 end)"
                _ = try await system.redisCLI("FUNCTION", "LOAD", old)
                for library in RedisStores.functionLibraries where library.name != "freshet_online" {
                    _ = try await system.redisCLI("FUNCTION", "LOAD", library.source)
                }
                try expect(
                    "redis.functions", "warning", "another build: freshet_online",
                    in: try await diagnose(system, ports).diagnosis)
                let gateway = try await system.start(.gateway)
                ports["GATEWAY_PORT"] = "\(gateway.port)"
                _ = try await system.redisCLI("DEL", "generation:active")
                let unready = try await diagnose(system, ports).diagnosis
                if try unready.finding("port.gateway").level != "ok" {
                    try expect("port.gateway", "failure", "generation", in: unready)
                }
            }
        }

        @Test func `what cannot be reached is said, and the rest is looked at all the same`() async throws {
            try await withSystem { system in
                let nobody = try FreePort.find()
                let (status, diagnosis) = try await diagnose(
                    system, ["REDIS_URL": "redis://127.0.0.1:\(nobody)", "OBJECT_STORE": "file:///proc/nowhere"])
                #expect(status == .exited(1))
                try expect("redis.reach", "failure", "127.0.0.1:\(nobody)", in: diagnosis)
                try expect("objects.reach", "failure", "/proc/nowhere", in: diagnosis)
                #expect(diagnosis.findings.contains { $0.check == "port.gateway" })
            }
        }
    }
}
