// The doctor at real servers in trouble: a disk that takes no more, keys that were evicted, a port that belongs to
// somebody else. And what scripts rely on: the form of --json, and the exit status.

import Fixtures
import FoundationEssentials
import TestServers
import Testing
import WebService

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `The doctor at servers in trouble` {
        /// One finding of `freshet doctor --json`.
        private func finding(
            _ check: String, _ system: FreshetSystem, _ environment: [String: String] = [:]
        ) async throws -> [String: JSONValue] {
            let result = try await system.command(["doctor", "--json"], environment: environment)
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
            guard case .object(let diagnosis) = value, case .array(let findings)? = diagnosis["findings"] else {
                throw TestServerError("no diagnosis: \(result.output)")
            }
            for case .object(let finding) in findings where finding["check"] == .string(check) { return finding }
            throw TestServerError("no \(check): \(result.output)")
        }

        private func expect(
            _ finding: [String: JSONValue], _ level: String, _ text: String, remedy: String?,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(finding["level"] == .string(level), "\(finding)", sourceLocation: sourceLocation)
            #expect(
                finding["detail"]?.scalarText?.contains(text) == true, "\(finding)", sourceLocation: sourceLocation)
            if let remedy {
                #expect(
                    finding["remedy"]?.scalarText?.contains(remedy) == true, "\(finding)",
                    sourceLocation: sourceLocation)
            } else {
                #expect(finding["remedy"] == nil, "\(finding)", sourceLocation: sourceLocation)
            }
        }

        @Test func `keys that a full Redis has evicted are remembered after the policy is mended`() async throws {
            try await withSystem { system in
                _ = try await system.redisCLI("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
                let used = try #require(
                    try await system.redisCLI("INFO", "memory").firstMatch(of: /used_memory:([0-9]+)/)?.1)
                let limit = try #require(Int(used)) + (2 << 20)
                _ = try await system.redisCLI("CONFIG", "SET", "maxmemory", "\(limit)")
                _ = try await system.redisCLI("DEBUG", "POPULATE", "20000", "filler", "1000")
                _ = try await system.redisCLI("SET", "one", "more")
                expect(
                    try await finding("redis.eviction", system), "failure", "allkeys-lru",
                    remedy: "CONFIG SET maxmemory-policy noeviction")
                _ = try await system.redisCLI("CONFIG", "SET", "maxmemory-policy", "noeviction")
                expect(
                    try await finding("redis.eviction", system), "warning", "keys were evicted before",
                    remedy: "freshet reload --force")
                _ = try await system.redisCLI("CONFIG", "RESETSTAT")
                expect(try await finding("redis.eviction", system), "ok", "noeviction", remedy: nil)
            }
        }

        @Test func `an append-only file that cannot be written is a failure until it can`() async throws {
            try await withSystem { system in
                let port = try FreePort.find()
                // The largest file that this server may write is small, which is what a full disk is like. Redis is not
                // to be killed by the signal that comes with it.
                let redis = try ChildProcess.spawn(
                    "/bin/sh",
                    [
                        "-ec",
                        """
                        trap '' XFSZ
                        exec prlimit --fsize=20000:unlimited redis-server --port \(port) --bind 127.0.0.1 \
                            --dir "$0" --save '' --appendonly yes --appendfsync everysec
                        """, system.folder.path,
                    ], workingDirectory: system.folder.path, logFile: system.folder.appending("full.log"))
                let there = ["REDIS_URL": "redis://127.0.0.1:\(port)"]
                func cli(_ arguments: String...) async throws -> String {
                    try await system.run("redis-cli", ["-p", "\(port)"] + arguments).output
                }
                try await redis.becoming("the server answers", seconds: 10) { try await cli("PING") == "PONG" }
                expect(try await finding("redis.persistence", system, there), "ok", "last write ok", remedy: nil)

                _ = try await cli("SET", "large", String(repeating: "x", count: 60_000))
                try await eventually("the write has failed") {
                    try await cli("INFO", "persistence").contains("aof_last_write_status:err")
                }
                expect(
                    try await finding("redis.persistence", system, there), "failure", "aof_last_write_status is not ok",
                    remedy: "the disk is full or not writable")
                #expect(try await cli("SET", "small", "x").contains("MISCONF"))

                // There is room again.
                _ = try await system.run("prlimit", ["--pid", "\(redis.pid)", "--fsize=unlimited"])
                try await eventually("Redis has caught up") {
                    try await cli("INFO", "persistence").contains("aof_last_write_status:ok")
                }
                expect(try await finding("redis.persistence", system, there), "ok", "last write ok", remedy: nil)
                await redis.kill()
            }
        }

        @Test func `a snapshot and a rewrite that failed are named`() async throws {
            var options = SystemOptions()
            options.redis.isPersistent = true
            try await withSystem(options) { system in
                // Where the snapshot belongs is a folder that is not empty.
                let place = system.redis.folder.appending("dump.rdb")
                try FileManager.default.createDirectory(atPath: "\(place)/occupied", withIntermediateDirectories: true)
                _ = try await system.redisCLI("BGSAVE")
                try await eventually("the snapshot has failed") {
                    try await system.redisCLI("INFO", "persistence").contains("rdb_last_bgsave_status:err")
                }
                expect(
                    try await finding("redis.persistence", system), "failure", "rdb_last_bgsave_status is not ok",
                    remedy: "look into Redis's log")
                let log = try await system.command("doctor")
                #expect(log.status == .exited(1) && log.output.contains("FAIL  redis.persistence"), "\(log.output)")

                // The place is free again, and the next snapshot goes there.
                try FileManager.default.removeItem(atPath: place)
                _ = try await system.redisCLI("BGSAVE")
                try await eventually("the snapshot is written") {
                    try await system.redisCLI("INFO", "persistence").contains("rdb_last_bgsave_status:ok")
                }
                expect(try await finding("redis.persistence", system), "ok", "last write ok", remedy: nil)
            }
        }

        @Test func `a port that somebody else holds, and one that swallows questions, are told apart`() async throws {
            try await withSystem { system in
                func listener(_ answer: String) throws -> LoopbackListener {
                    try LoopbackListener { connection, _ in
                        _ = connection.read()
                        _ = connection.write(Array(answer.utf8))
                        connection.cut()
                    }
                }
                let (other, page) = (try listener("220 mail\r\n"), try listener("HTTP/1.1 200 OK\r\n\r\nhello"))
                let silent = try listener("")
                defer { for listener in [other, page, silent] { listener.close() } }
                for stranger in [other, page] {
                    expect(
                        try await finding("port.gateway", system, ["GATEWAY_PORT": "\(stranger.port)"]), "failure",
                        "is not Freshet", remedy: "GATEWAY_PORT")
                }
                expect(
                    try await finding("port.trainer", system, ["TRAINER_PORT": "\(silent.port)"]), "failure",
                    "gives no answer", remedy: "restart it if it hangs")
                expect(
                    try await finding("port.ingest", system, ["INGEST_PORT": "\(try FreePort.find())"]), "warning",
                    "nobody answers", remedy: "INGEST_HOST, INGEST_PORT")
            }
        }

        @Test func `scripts get JSON of a fixed form on standard output, and the exit status`() async throws {
            try await withSystem { system in
                let output = system.folder.appending("diagnosis.json")
                let errors = system.folder.appending("errors")
                let result = try await system.run(
                    "/bin/sh",
                    ["-c", #""$0" doctor --json >"$1" 2>"$2""#, try FreshetExecutable.path(), output, errors],
                    environment: system.environment)
                #expect(result.status == .exited(1))
                #expect(try String(contentsOfFile: errors, encoding: .utf8).isEmpty)
                let value = try JSONDecoder().decode(
                    JSONValue.self, from: Data(try String(contentsOfFile: output, encoding: .utf8).utf8))
                guard case .object(let diagnosis) = value, case .array(let findings)? = diagnosis["findings"] else {
                    throw TestServerError("no diagnosis: \(value)")
                }
                #expect(diagnosis.keys.sorted() == ["findings", "level"])
                #expect(diagnosis["level"] == .string("failure"))
                #expect(findings.count > 20)
                var checks: Set<String> = []
                for case .object(let finding) in findings {
                    let level = try #require(finding["level"]?.scalarText)
                    #expect(["ok", "warning", "failure"].contains(level))
                    // What is well needs no remedy; what is not has one.
                    let keys = level == "ok" ? ["check", "detail", "level"] : ["check", "detail", "level", "remedy"]
                    #expect(finding.keys.sorted() == keys, "\(finding)")
                    checks.insert(try #require(finding["check"]?.scalarText))
                }
                #expect(checks.count == findings.count, "a name stands for one thing")
                for arguments in [["doctor", "--keys-max", "0"], ["doctor", "--keys-per-second", "1"]] {
                    #expect(try await system.command(arguments).status == .exited(64), "\(arguments)")
                }
            }
        }
    }
}
