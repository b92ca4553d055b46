// A container engine for tests: the machine's own if it has one that answers, else a dockerd of the test's own, which
// needs root and Debian's package docker.io. Where neither can be had, the test is cancelled with the reason: not every
// machine, and not every sandbox, lets anybody run containers.

import FoundationEssentials
import Glibc
import TestServers
import Testing

/// An engine, and the commands that speak to it.
struct ContainerEngine: Sendable {
    /// What a command printed, and how it ended.
    struct Result {
        let status: ChildProcess.ExitStatus?
        let output: String
        var isSuccess: Bool { status == .exited(0) }
    }

    private static let startSecondsMax = 60

    /// For logs and contexts.
    let folder: TemporaryFolder
    /// What tells the commands which engine.
    let environment: [String: String]

    /// Runs `body` with an engine, and ends it behind it if it is our own.
    static func run(_ body: (ContainerEngine) async throws -> Void) async throws {
        let folder = try TemporaryFolder("engine")
        defer { folder.remove() }
        // The builder without BuildKit is everywhere, also where its plug-in is not.
        let machine = ContainerEngine(folder: folder, environment: ["DOCKER_BUILDKIT": "0"])
        guard ServerProgram.isThere("docker") else {
            try Test.cancel("no container engine: there is no docker on the PATH; Debian's package docker.io has it")
        }
        let found = try await machine.docker("info", "--format", "engine {{.ServerVersion}}")
        if found.isSuccess, found.output.contains("engine ") { return try await body(machine) }
        guard geteuid() == 0, ServerProgram.isThere("dockerd") else {
            try Test.cancel(
                "no container engine answers, and none can be started: that takes root and Debian's package docker.io")
        }
        try await runOwn(folder, body)
    }

    /// Runs a dockerd without a bridge and without rules for the firewall, which would be the machine's. Images stay in
    /// the build folder, so that the next run has them.
    private static func runOwn(
        _ folder: TemporaryFolder, _ body: (ContainerEngine) async throws -> Void
    ) async throws {
        let host = "unix://\(folder.appending("docker.sock"))"
        let daemon = try ChildProcess.spawn(
            ServerProgram.path("dockerd") ?? "dockerd",
            [
                "--bridge=none", "--iptables=false", "--ip-forward=false", "--default-ulimit", "nofile=20000:20000",
                "--host", host, "--data-root", "\(ContainerFiles.project)/.build/containers", "--exec-root",
                folder.appending("run"),
                "--pidfile", folder.appending("docker.pid"),
            ], logFile: folder.appending("dockerd.log"))
        let engine = ContainerEngine(folder: folder, environment: ["DOCKER_BUILDKIT": "0", "DOCKER_HOST": host])
        do {
            let deadline = ContinuousClock.now + .seconds(startSecondsMax)
            while try await !engine.docker("info", "--format", "{{.ServerVersion}}").isSuccess {
                guard daemon.isRunning, ContinuousClock.now < deadline else {
                    try Test.cancel("no container engine: dockerd does not start here: \(lastWords(daemon.log()))")
                }
            }
            try await body(engine)
            await end(daemon, folder)
        } catch {
            await end(daemon, folder)
            throw error
        }
    }

    /// Ends our dockerd. It leaves the namespace of its network mounted, in a folder that is to be removed.
    private static func end(_ daemon: ChildProcess, _ folder: TemporaryFolder) async {
        await daemon.terminate(withinMs: 30_000)
        try? await ChildProcess.run(
            "umount", ["--lazy", folder.appending("run/netns/default")], logFile: folder.appending("umount.log"))
    }

    /// Runs a docker command.
    func docker(_ arguments: String..., withinMs: Int = 300_000) async throws -> Result {
        try await command("docker", arguments, withinMs: withinMs)
    }

    /// Runs any program as one that speaks to this engine.
    func command(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], withinMs: Int = 300_000
    ) async throws -> Result {
        let log = folder.appending("\(UInt32.random(in: .min ... .max)).log")
        let child = try ChildProcess.spawn(
            program, arguments, environment: self.environment.merging(environment) { $1 },
            workingDirectory: ContainerFiles.project, logFile: log)
        let status = await child.wait(withinMs: withinMs)
        if status == nil { await child.kill() }
        return Result(status: status, output: child.log())
    }

    /// The end of what somebody printed, short enough for a reason.
    static func lastWords(_ text: String) -> String {
        String(text.split(separator: "\n").suffix(2).joined(separator: " ").suffix(400))
    }
}
