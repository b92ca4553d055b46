// `freshet up` as a process: everything in one, on ports and in a folder of its own.

import FoundationEssentials
import TestServers
import Testing
import WebClient

/// Runs `body` with one that has not been started yet, and ends whatever is left.
func withUp(_ body: (UpProcess) async throws -> Void) async throws {
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

/// One `freshet up` with everything in a folder of its own.
final class UpProcess {
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
        #expect(try await command(["smoke"]).contains("smoke: all four users as promised"))
    }

    /// Runs a command beside it, which must succeed; what it printed.
    func command(_ arguments: [String]) async throws -> String {
        runCount += 1
        let log = folder.appending("command-\(runCount).log")
        let redis = ["REDIS_URL": "redis://127.0.0.1:\(ports["REDIS_PORT"] ?? "")"]
        try await ChildProcess.run(
            try FreshetExecutable.path(), arguments, environment: ports.merging(redis) { $1 },
            workingDirectory: folder.path, logFile: log)
        return try String(contentsOfFile: log, encoding: .utf8)
    }
}
