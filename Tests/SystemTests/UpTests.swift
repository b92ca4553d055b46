// `freshet up`, the first thing a newcomer runs: ready by itself, stopped in order, quick the second time, and helpful
// when a port is taken.

import FoundationEssentials
import Models
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `freshet up` {
        @Test func `becomes ready by itself, passes the smoke test, stops in order and keeps everything`() async throws
        {
            try await withUp { up in
                try await up.start()
                #expect(up.log.contains("wrote a sample log"))
                #expect(up.log.contains("computed from source_data/"))
                try await up.smoke()
                let id = try await up.redisCLI("XADD", "events", "*", "user_id", "ann", "item_id", "1")
                let path = "/v1/recommendations/ann?k=5&after=\(id)&wait_ms=10000"
                let before = try await HTTP.get(up.gatewayPort, path).recommendations()
                #expect(before.online_as_of == id)
                let redis = try #require(up.redisProcess)
                #expect(await up.stop(signal: 2) == .exited(0), "\(up.log)")
                #expect(up.log.contains("stopped; everything is kept"))
                #expect(!UpProcess.isAlive(redis))

                // The second time nothing is made anew, and everybody is remembered.
                try await up.start()
                #expect(!up.log.contains("wrote"))
                #expect(!up.log.contains("computed"))
                let after = try await HTTP.get(up.gatewayPort, "/v1/recommendations/ann?k=5").recommendations()
                #expect(after.online_as_of == id)
                #expect(after.generation == before.generation)
                #expect(after.items == before.items)

                // Killed, it cannot stop its Redis; the next one does.
                let orphan = try #require(up.redisProcess)
                await up.kill()
                #expect(UpProcess.isAlive(orphan))
                try await up.start()
                #expect(!UpProcess.isAlive(orphan))
                let again = try await HTTP.get(up.gatewayPort, "/v1/recommendations/ann?k=5").recommendations()
                #expect(again.online_as_of == id)
                #expect(await up.stop(signal: 15) == .exited(0), "\(up.log)")
            }
        }

        @Test(arguments: [
            "GATEWAY_PORT", "FEATURES_PORT", "INGEST_PORT", "LOADER_PORT", "ARCHIVE_PORT", "TRAINER_PORT", "REDIS_PORT",
        ])
        func `a busy port is named with the variable that changes it`(variable: String) async throws {
            try await withRedisServer { other in
                try await withUp { up in
                    let status = try await up.runToEnd([variable: "\(other.port)"])
                    #expect(status != .exited(0))
                    #expect(up.log.contains(variable), "\(up.log)")
                    #expect(up.log.contains("\(other.port)"), "\(up.log)")
                    #expect(up.log.split(separator: "\n").count <= 3, "\(up.log)")
                }
            }
        }

        @Test func `a second one in the same folder is refused, and does the first no harm`() async throws {
            try await withUp { up in
                try await up.start()
                let redis = try #require(up.redisProcess)
                let second = try await up.secondInSameFolder()
                #expect(second.status != .exited(0))
                #expect(second.log.contains("DATA_FOLDER"), "\(second.log)")
                #expect(UpProcess.isAlive(redis))
                #expect(try await HTTP.get(up.gatewayPort, "/readyz").status == 200)
            }
        }

        private func withUp(_ body: (UpProcess) async throws -> Void) async throws {
            let folder = try TemporaryFolder("up")
            defer { folder.remove() }
            let up = try UpProcess(folder: folder)
            do { try await body(up) } catch {
                print("\(error)\n\(up.log)")
                await up.clearAway()
                throw error
            }
            await up.clearAway()
        }
    }
}

/// One `freshet up` with everything in a folder of its own.
private final class UpProcess {
    let gatewayPort: Int
    private let ports: [String: String]
    private let folder: TemporaryFolder
    private var process: ChildProcess?
    private var runCount = 0

    init(folder: TemporaryFolder) throws {
        self.folder = folder
        var ports: [String: String] = [:]
        for name in [
            "GATEWAY_PORT", "FEATURES_PORT", "INGEST_PORT", "LOADER_PORT", "ARCHIVE_PORT", "TRAINER_PORT", "REDIS_PORT",
        ] {
            ports[name] = "\(try FreePort.find())"
        }
        self.ports = ports
        gatewayPort = ports["GATEWAY_PORT"].flatMap { Int($0) } ?? 0
    }

    var log: String { process?.log() ?? "" }

    private func spawn(_ environment: [String: String] = [:]) throws -> ChildProcess {
        runCount += 1
        let child = try ChildProcess.spawn(
            try FreshetExecutable.path(), ["up"], environment: ports.merging(environment) { $1 },
            workingDirectory: folder.path, logFile: folder.appending("up-\(runCount).log"))
        process = child
        return child
    }

    /// Starts it and waits until it says that it is ready.
    func start() async throws {
        let child = try spawn()
        try await child.becoming("freshet up ready", seconds: 300) { child.log().contains("curl 'http") }
    }

    /// Runs it where it cannot start.
    func runToEnd(_ environment: [String: String]) async throws -> ChildProcess.ExitStatus? {
        try await spawn(environment).wait(withinMs: 30_000)
    }

    /// Runs another one on other ports to its end.
    func secondInSameFolder() async throws -> (status: ChildProcess.ExitStatus?, log: String) {
        let ports = try ports.mapValues { _ in "\(try FreePort.find())" }
        let child = try ChildProcess.spawn(
            try FreshetExecutable.path(), ["up"], environment: ports, workingDirectory: folder.path,
            logFile: folder.appending("second.log"))
        let status = await child.wait(withinMs: 30_000)
        await child.kill()
        return (status, child.log())
    }

    func stop(signal: Int32) async -> ChildProcess.ExitStatus? {
        process?.signal(signal)
        return await process?.wait(withinMs: 20_000)
    }

    func kill() async { await process?.kill() }

    /// The process id of its Redis.
    var redisProcess: Int32? {
        let text = try? String(contentsOfFile: folder.appending("data/redis/redis.pid"), encoding: .utf8)
        return text.flatMap { Int32($0.filter(\.isNumber)) }
    }

    /// Whether a redis-server with this id runs; a process that has ended and waits to be collected does not.
    static func isAlive(_ id: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
        return text.contains("(redis-server)") && !text.contains("(redis-server) Z")
    }

    /// Ends whatever is left.
    func clearAway() async {
        await kill()
        guard let redis = redisProcess, Self.isAlive(redis) else { return }
        try? await ChildProcess.run(
            "kill", ["-KILL", "\(redis)"], logFile: folder.appending("kill.log"))
    }

    func redisCLI(_ arguments: String...) async throws -> String {
        let log = folder.appending("redis-cli.log")
        try await ChildProcess.run("redis-cli", ["-p", ports["REDIS_PORT"] ?? ""] + arguments, logFile: log)
        return try String(contentsOfFile: log, encoding: .utf8).filter { !$0.isNewline }
    }

    func smoke() async throws {
        let log = folder.appending("smoke.log")
        let redis = ["REDIS_URL": "redis://127.0.0.1:\(ports["REDIS_PORT"] ?? "")"]
        try await ChildProcess.run(
            try FreshetExecutable.path(), ["smoke"], environment: ports.merging(redis) { $1 }, logFile: log)
        #expect(try String(contentsOfFile: log, encoding: .utf8).contains("smoke: all four users as promised"))
    }
}
