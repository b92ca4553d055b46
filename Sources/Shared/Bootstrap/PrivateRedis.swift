// The redis-server of `freshet up`: our configuration and our users, on loopback, with its data in our folder.

import Embedded
import FoundationEssentials
import Glibc
import Logging
package import Redis
import ServiceLifecycle

/// Starts, watches and stops a private redis-server.
package struct PrivateRedis: Service {
    /// The roles that have a Redis user of their own, see redis/users.acl.
    package static let roles = ["ingest", "features", "archive", "loader", "trainer", "gateway", "airflow", "operator"]
    /// Starting over more often than this within a minute means that something is broken for good.
    private static let restartsPerMinuteMax = 5

    /// The loopback port for redis-cli.
    package let port: Int
    private let folder: String
    private let passwords: [String: String]
    private let logger = Logger(label: "private-redis")

    /// A server on `port` with its files in `folder`, which is created.
    package init(folder: String, port: Int) throws {
        self.folder = folder
        self.port = port
        // New at every start: nobody else needs them, and nobody can keep them.
        passwords = Dictionary(
            uniqueKeysWithValues: Self.roles.map { role in
                let words = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }
                return (role, words.joined())
            })
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// How a role connects: as its own user, through the unix socket if its path is short enough for the system.
    package func configuration(role: String) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(
            url: socketPath.utf8.count < 100 ? "unix://\(socketPath)" : "redis://127.0.0.1:\(port)")
        configuration.user = role
        configuration.password = passwords[role]
        return configuration
    }

    private var socketPath: String { "\(absoluteFolder)/redis.sock" }
    private var pidFile: String { "\(absoluteFolder)/redis.pid" }
    private var absoluteFolder: String {
        folder.hasPrefix("/") ? folder : "\(FileManager.default.currentDirectoryPath)/\(folder)"
    }

    /// Makes the folder ours for as long as this process lives, and stops the server that an earlier run left behind when
    /// it was killed. Throws if another run is alive: two would stop each other's servers.
    package func takeOver() async throws {
        let path = "\(absoluteFolder)/in-use"
        // Open until the process ends, however it ends; not for the server to inherit, which may live longer.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ChildProcessError(description: "cannot write \(path)") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw ChildProcessError(
                description: "another freshet works in \(folder); stop it, or choose another folder with DATA_FOLDER")
        }
        await stopLeftOver()
    }

    /// Runs the server, and starts it again should it die, until shut down. Nothing that was written is lost then:
    /// the server saves what it holds before it ends.
    package func run() async throws {
        try writeFiles()
        var starts: [ContinuousClock.Instant] = []
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            starts = starts.filter { $0 > .now - .seconds(60) } + [.now]
            guard starts.count <= Self.restartsPerMinuteMax else {
                throw ChildProcessError(
                    description: "redis-server ended \(starts.count) times within a minute; see \(folder)/redis.log")
            }
            let child = try ChildProcess.start(
                "redis-server", ["\(absoluteFolder)/redis.conf"], outputFile: "\(absoluteFolder)/redis.log")
            await cancelWhenGracefulShutdown {
                while !child.hasEnded() { do { try await Task.sleep(for: .milliseconds(50)) } catch { return } }
            }
            if Task.isShuttingDownGracefully || Task.isCancelled {
                await stop(child)
            } else {
                logger.error("redis-server ended, starting it again", metadata: ["log": "\(folder)/redis.log"])
            }
        }
    }

    private func stop(_ child: ChildProcess) async {
        child.signal(SIGTERM)
        // Not a child task of a cancelled one: the wait must not be cut short, the server is saving.
        let hasEnded = await Task.detached { await child.waitForEnd(milliseconds: 15_000) }.value
        if !hasEnded { child.signal(SIGKILL) }
    }

    /// A server that an earlier `up` left behind when it was killed: it holds the port and the files.
    private func stopLeftOver() async {
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let id = pid_t(text.trimmed), id > 1,
            let name = try? String(contentsOfFile: "/proc/\(id)/comm", encoding: .utf8), name.trimmed == "redis-server"
        else { return }
        logger.notice("stopping the redis-server that an earlier run left behind", metadata: ["pid": "\(id)"])
        kill(id, SIGTERM)
        for _ in 0..<500 where kill(id, 0) == 0 { try? await Task.sleep(for: .milliseconds(20)) }
    }

    private func writeFiles() throws {
        var users = EmbeddedFile.redisUsers.text
        for (role, password) in passwords {
            users = users.replacing("${\(role.uppercased())_PASSWORD}", with: password)
        }
        // On loopback and private to this machine's users: redis-cli works without a password.
        users = users.split(separator: "\n").map { line in
            line.hasPrefix("user default ") ? "user default on nopass ~* &* +@all" : String(line)
        }.joined(separator: "\n")
        try write(users + "\n", to: "\(absoluteFolder)/users.acl")
        let own = """

            # Added by freshet up.
            bind 127.0.0.1
            port \(port)
            unixsocket "\(socketPath)"
            unixsocketperm 700
            dir "\(absoluteFolder)"
            pidfile "\(pidFile)"
            daemonize no
            aclfile "\(absoluteFolder)/users.acl"

            """
        try write(EmbeddedFile.redisConfiguration.text + own, to: "\(absoluteFolder)/redis.conf")
    }

    private func write(_ text: String, to path: String) throws {
        let created = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        guard created else { throw ChildProcessError(description: "cannot write \(path)") }
    }
}

extension String {
    fileprivate var trimmed: String { filter { !$0.isWhitespace } }
}
