// A real redis-server for tests: a free port and a Unix socket in a temporary folder, killed and restarted at will.

import Glibc
import Synchronization

/// One redis-server. Always listens on a Unix socket as well, which is also how the fixture finds it ready.
package final class RedisServer: Sendable {
    /// How the server is to run.
    package struct Options: Sendable {
        /// Serve TLS on the port, with certificates made for this server.
        package var isTLS = false
        /// Ask clients for a certificate as well.
        package var wantsClientCertificate = false
        /// Lines of an ACL file, such as `user reader on >secret ~* +@read`.
        package var accessRules: [String] = []
        /// Keep data over a restart: an append-only file, written at every command.
        package var isPersistent = false
        /// Further arguments, such as `["--maxmemory", "10mb"]`.
        package var arguments: [String] = []

        package init() {}
    }

    private struct State {
        var process: ChildProcess?
        var port: Int
    }

    /// Everything of this server lies here.
    package let folder: TemporaryFolder
    package let options: Options
    private let state: Mutex<State>

    private init(options: Options) throws {
        self.options = options
        self.folder = try TemporaryFolder("redis")
        self.state = Mutex(State(port: try FreePort.find()))
    }

    /// The TCP port on 127.0.0.1; stays the same over restarts.
    package var port: Int { state.withLock { $0.port } }
    /// The path of the Unix socket.
    package var socketPath: String { folder.appending("redis.sock") }
    /// `redis://` or `rediss://` for the TCP port, with the authority to trust.
    package var url: String {
        options.isTLS
            ? "rediss://127.0.0.1:\(port)?ca=\(folder.appending(ServerCertificates.authorityFile))"
            : "redis://127.0.0.1:\(port)"
    }
    /// `unix://` for the Unix socket.
    package var socketURL: String { "unix://\(socketPath)" }
    /// What the server has printed.
    package var log: String { state.withLock { $0.process }?.log() ?? "" }
    /// The server's process id; nil while it is down.
    package var pid: Int32? { state.withLock { $0.process }?.pid }

    /// Starts a server and waits until it answers.
    package static func start(_ options: Options = Options()) async throws -> RedisServer {
        let server = try RedisServer(options: options)
        do {
            if options.isTLS { try await ServerCertificates.make(in: server.folder) }
            if !options.accessRules.isEmpty {
                let rules = options.accessRules.joined(separator: "\n") + "\n"
                _ = try server.folder.write(rules, to: "users.acl")
            }
            try await server.launchOnFreePort()
        } catch {
            await server.shutdown()
            throw error
        }
        return server
    }

    /// Ends the server without a word to anyone, as a power failure would.
    package func kill() async {
        await state.withLock { $0.process }?.kill()
    }

    /// Stops the server where it is: connections stay open, and nothing answers until it is resumed.
    package func suspend() { state.withLock { $0.process }?.signal(SIGSTOP) }

    /// Lets the server go on.
    package func resume() { state.withLock { $0.process }?.signal(SIGCONT) }

    /// Starts the server again on the same port and folder, killing it first when it runs.
    package func restart() async throws {
        await kill()
        try await launch()
    }

    /// Ends the server for good and removes its folder.
    package func shutdown() async {
        await kill()
        folder.remove()
    }

    /// Another process may take the port between our finding it and the server's using it.
    private func launchOnFreePort() async throws {
        for attempt in 1...3 {
            do {
                return try await launch()
            } catch {
                guard attempt < 3 else { throw error }
                let port = try FreePort.find()
                state.withLock { $0.port = port }
            }
        }
    }

    private func launch() async throws {
        let process = try ChildProcess.spawn(
            "redis-server", arguments(), workingDirectory: folder.path, logFile: folder.appending("redis.log"))
        state.withLock { $0.process = process }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(10)
        while !SocketProbe.answersPing(socketPath) {
            guard process.isRunning, clock.now < deadline else {
                await process.kill()
                throw TestServerError("redis-server does not answer:\n\(process.log())")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func arguments() -> [String] {
        var arguments = [
            "--bind", "127.0.0.1", "--dir", folder.path, "--unixsocket", socketPath, "--save", "",
            "--appendonly", options.isPersistent ? "yes" : "no", "--enable-debug-command", "yes",
        ]
        if options.isPersistent { arguments += ["--appendfsync", "always"] }
        if options.isTLS {
            arguments += [
                "--port", "0", "--tls-port", "\(port)",
                "--tls-cert-file", folder.appending(ServerCertificates.certificateFile),
                "--tls-key-file", folder.appending(ServerCertificates.keyFile),
                "--tls-ca-cert-file", folder.appending(ServerCertificates.authorityFile),
                "--tls-auth-clients", options.wantsClientCertificate ? "yes" : "no",
            ]
        } else {
            arguments += ["--port", "\(port)"]
        }
        if !options.accessRules.isEmpty { arguments += ["--aclfile", folder.appending("users.acl")] }
        return arguments + options.arguments
    }
}

/// Runs a server beside `body` and ends it behind it.
package func withRedisServer<Value>(
    _ options: RedisServer.Options = RedisServer.Options(), _ body: (RedisServer) async throws -> Value
) async throws -> Value {
    let server = try await RedisServer.start(options)
    do {
        let value = try await body(server)
        await server.shutdown()
        return value
    } catch {
        await server.shutdown()
        throw error
    }
}
