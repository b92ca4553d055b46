// The calls to posix_spawn, and the watchdog that survives us.

import Glibc
import Synchronization

enum Spawn {
    /// Held while a process starts and while a pipe is not yet marked to be closed in children: a child that inherited
    /// another one's pipe would keep its watchdog from firing.
    static let lock = Mutex<Void>(())

    enum Input {
        case file(String)
        case descriptor(Int32)
    }

    /// Starts a program in a new process group and returns its id.
    static func run(
        _ executable: String, _ arguments: [String], environment: [String: String], workingDirectory: String?,
        input: Input, output: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        switch input {
        case .file(let path): posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
        case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&actions, descriptor, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A connection of a test that the program inherited would stay open when the test closes it.
        for descriptor in 3..<min(4096, Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))) {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        sigfillset(&mask)
        posix_spawnattr_setsigdefault(&attributes, &mask)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var command = [executable] + arguments
        if let workingDirectory {
            command = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", workingDirectory] + command
        }
        var pid: Int32 = 0
        let failure = withCStrings(command) { argv in
            withCStrings(environmentStrings(environment)) { envp in
                lock.withLock { _ in posix_spawnp(&pid, command[0], &actions, &attributes, argv, envp) }
            }
        }
        guard failure == 0 else {
            throw TestServerError("cannot start \(executable): \(String(cString: strerror(failure)))")
        }
        return pid
    }

    private static func environmentStrings(_ added: [String: String]) -> [String] {
        var strings: [String] = []
        var entry = environ
        while let text = entry.pointee {
            let string = String(cString: text)
            if added[String(string.prefix { $0 != "=" })] == nil { strings.append(string) }
            entry += 1
        }
        return strings + added.map { "\($0.key)=\($0.value)" }
    }

    private static func withCStrings<Value>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }

    /// A file's text; empty when it cannot be read.
    static func contents(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A shell that waits on a pipe whose other end only we hold: when we die the pipe closes and it kills the group.
struct Watchdog: Sendable {
    private let pid: Int32
    private let writeEnd: Int32

    init(group: Int32) throws {
        var ends: [Int32] = [0, 0]
        let isMade = Spawn.lock.withLock { _ in
            pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
        }
        guard isMade else { throw TestServerError("no pipe for the watchdog") }
        defer { close(ends[0]) }
        do {
            pid = try Spawn.run(
                "/bin/sh", ["-c", "read -r _; kill -s KILL -- -\(group)"], environment: [:], workingDirectory: nil,
                input: .descriptor(ends[0]), output: "/dev/null")
        } catch {
            close(ends[1])
            throw error
        }
        writeEnd = ends[1]
    }

    /// Ends the watchdog without letting it do its work.
    func dismiss() {
        _ = kill(pid, SIGKILL)
        finish()
    }

    /// Lets the watchdog kill the group.
    func fire() { finish() }

    private func finish() {
        close(writeEnd)
        var code: Int32 = 0
        _ = waitpid(pid, &code, 0)
    }
}
