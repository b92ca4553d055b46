// A `freshet` process: the very executable that users start, with settings by environment, killed and started again.

import Fixtures
import Synchronization
import TestServers
import WebClient

/// A role as a process of its own.
final class FreshetProcess: Sendable {
    enum Role: String, CaseIterable {
        case ingest, features, archive, loader, trainer, gateway
    }

    private struct State {
        var process: ChildProcess?
        var runCount = 0
    }

    /// How long a start may take; a debug build on a busy machine is slow.
    private static let startSecondsMax = 30

    let role: Role
    /// Where it listens on 127.0.0.1, the same over restarts.
    let port: Int
    private let environment: [String: String]
    private let folder: TemporaryFolder
    private let name: String
    private let state = Mutex(State())

    /// A role that is not running yet; its logs go to `folder`.
    init(_ role: Role, environment: [String: String], folder: TemporaryFolder) throws {
        self.role = role
        self.folder = folder
        port = try FreePort.find()
        name = "\(role.rawValue)-\(port)"
        self.environment = environment.merging(["\(role.rawValue.uppercased())_PORT": "\(port)"]) { $1 }
    }

    /// Starts it and waits until it listens.
    func start() async throws {
        let run = state.withLock { state in
            state.runCount += 1
            return state.runCount
        }
        let process = try ChildProcess.spawn(
            try FreshetExecutable.path(), [role.rawValue], environment: environment, workingDirectory: folder.path,
            logFile: folder.appending("\(name)-\(run).log"))
        state.withLock { $0.process = process }
        try await process.becoming("freshet \(role.rawValue) up", seconds: Self.startSecondsMax) {
            (try? await HTTP.get(port, "/healthz").status) == 200
        }
    }

    /// Waits until it says that nothing is missing.
    func awaitReady(seconds: Int = 30) async throws {
        try await eventually("freshet \(role.rawValue) is ready", seconds: seconds) {
            (try? await HTTP.get(port, "/readyz").status) == 200
        }
    }

    var isRunning: Bool { state.withLock { $0.process }?.isRunning ?? false }

    /// Ends it as a power failure would.
    func kill() async { await state.withLock { $0.process }?.kill() }

    /// Kills it and starts it again on the same port.
    func restart() async throws {
        await kill()
        try await start()
    }

    /// Stops it where it is, as a machine that hangs would, until it is resumed; what is sent to it waits.
    func suspend() { state.withLock { $0.process }?.signal(19) }

    /// Lets it go on.
    func resume() { state.withLock { $0.process }?.signal(18) }

    /// Asks it to end; how it did, nil if it had to be killed.
    func terminate(withinMs: Int = 25_000) async -> ChildProcess.ExitStatus? {
        guard let process = state.withLock({ $0.process }) else { return nil }
        process.signal(15)
        let status = await process.wait(withinMs: withinMs)
        if status == nil { await process.kill() }
        return status
    }

    /// What the present run has printed.
    var log: String { state.withLock { $0.process }?.log() ?? "" }

    /// The end of what the present run has printed, for a test that failed.
    var logTail: String {
        let lines = log.split(separator: "\n").suffix(25)
        return "--- \(name), \(isRunning ? "running" : "not running")\n" + lines.joined(separator: "\n")
    }
}

extension ChildProcess {
    /// Waits until `condition` holds, but not longer than the process runs; otherwise throws what it printed.
    func becoming(_ what: String, seconds: Int, _ condition: () async throws -> Bool) async throws {
        do {
            try await eventually(what, seconds: seconds) {
                guard isRunning else { throw TestServerError("it ended") }
                return try await condition()
            }
        } catch { throw TestServerError("\(what): \(error)\n\(log())") }
    }
}
