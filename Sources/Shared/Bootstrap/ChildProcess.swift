// A child process in a process group of its own, so that Ctrl-C reaches us and not it, and we stop it in our order.

import Glibc

/// Why a child could not be started.
package struct ChildProcessError: Error, CustomStringConvertible, Sendable {
    package let description: String
}

/// A running child.
package struct ChildProcess: Sendable {
    /// Listening sockets are opened at the start, so they are among the first descriptors.
    private static let descriptorsMax: Int32 = 1024

    /// Its process id.
    package let id: Int32

    /// Starts `program`, found through PATH, with its output appended to `outputFile`.
    package static func start(_ program: String, _ arguments: [String], outputFile: String) throws -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // A listening socket of ours that the child inherited would hold its port when we are killed and the child lives.
        // Closing what is not open does no harm; naming one beyond the system's limit does.
        for descriptor in STDERR_FILENO + 1..<min(descriptorsMax, Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A thread that blocks signals would hand its mask down, and the child could not be stopped.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, program, &actions, &attributes, words, environ)
        guard code == 0 else {
            throw ChildProcessError(description: "cannot start \(program): \(String(cString: strerror(code)))")
        }
        return ChildProcess(id: id)
    }

    /// Sends a signal.
    package func signal(_ number: Int32) { kill(id, number) }

    /// Whether it has ended; collects it if so.
    package func hasEnded() -> Bool {
        var status: Int32 = 0
        return waitpid(id, &status, WNOHANG) != 0
    }

    /// Waits for its end without holding a thread; false if it still runs after `milliseconds`.
    package func waitForEnd(milliseconds: Int) async -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while !hasEnded() {
            guard ContinuousClock.now < deadline else { return false }
            // Cancellation must not turn this into a busy loop: then the wait is over.
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return hasEnded() }
        }
        return true
    }
}
