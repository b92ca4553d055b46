// Starts and ends the real programs that tests run against. Spawned in a process group of its own with an empty signal
// mask, so that signals reach it; a watchdog kills the group when the test process dies, however it dies.

import Glibc
import Synchronization

/// What went wrong with a program or a server made of one.
package struct TestServerError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// A running program, with its output in a file.
package final class ChildProcess: Sendable {
    /// How a program ended.
    package enum ExitStatus: Sendable, Equatable {
        case exited(Int)
        case signalled(Int)
    }

    private struct State {
        var exitStatus: ExitStatus?
        var watchdog: Watchdog?
    }

    /// The process id, which is also its group's.
    package let pid: Int32
    /// Where standard output and error go.
    package let logFile: String
    private let state: Mutex<State>

    private init(pid: Int32, logFile: String, watchdog: Watchdog) {
        self.pid = pid
        self.logFile = logFile
        self.state = Mutex(State(watchdog: watchdog))
    }

    /// Starts `executable`, found along PATH unless it holds a slash. `environment` is added to our own.
    package static func spawn(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        workingDirectory: String? = nil, logFile: String
    ) throws -> ChildProcess {
        let pid = try Spawn.run(
            executable, arguments, environment: environment, workingDirectory: workingDirectory,
            input: .file("/dev/null"), output: logFile)
        return ChildProcess(pid: pid, logFile: logFile, watchdog: try Watchdog(group: pid))
    }

    /// Runs a program to its end; throws with its output when it fails.
    package static func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        workingDirectory: String? = nil, logFile: String, withinMs: Int = 60_000
    ) async throws {
        let child = try spawn(
            executable, arguments, environment: environment, workingDirectory: workingDirectory, logFile: logFile)
        guard let status = await child.wait(withinMs: withinMs) else {
            await child.kill()
            throw TestServerError("\(executable) did not end within \(withinMs) ms:\n\(child.log())")
        }
        guard status == .exited(0) else {
            throw TestServerError("\(executable) \(arguments.joined(separator: " ")): \(status)\n\(child.log())")
        }
    }

    /// How the program ended; nil while it runs.
    package var exitStatus: ExitStatus? {
        let (status, watchdog): (ExitStatus?, Watchdog?) = state.withLock { state in
            if let status = state.exitStatus { return (status, nil) }
            var code: Int32 = 0
            guard waitpid(pid, &code, WNOHANG) == pid else { return (nil, nil) }
            let signal = code & 0x7F
            let status: ExitStatus = signal == 0 ? .exited(Int((code >> 8) & 0xFF)) : .signalled(Int(signal))
            state.exitStatus = status
            defer { state.watchdog = nil }
            return (status, state.watchdog)
        }
        watchdog?.dismiss()
        return status
    }

    package var isRunning: Bool { exitStatus == nil }

    /// Sends a signal to the program's whole group, unless it has ended.
    package func signal(_ number: Int32) {
        if isRunning { _ = Glibc.kill(-pid, number) }
    }

    /// Waits for the end; nil when it does not come in time.
    package func wait(withinMs: Int) async -> ExitStatus? {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(withinMs)
        while true {
            if let status = exitStatus { return status }
            guard clock.now < deadline else { return nil }
            // Without a way to await a process id this is a poll; a cancelled task polls without the pause.
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Ends the whole group at once, as a power failure would.
    package func kill() async {
        signal(SIGKILL)
        _ = await wait(withinMs: 10_000)
    }

    /// Asks the program to end and kills it if it does not in time.
    package func terminate(withinMs: Int = 5_000) async {
        signal(SIGTERM)
        if await wait(withinMs: withinMs) == nil { await kill() }
    }

    /// What the program has printed so far.
    package func log() -> String { Spawn.contents(of: logFile) }

    deinit {
        // The watchdog of a program that nobody ended still holds the group; let it do its work.
        state.withLock { $0.watchdog }?.fire()
    }
}
