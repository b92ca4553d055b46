// A system as operators run it: a real Redis, an object store, and processes of the real executable.

import Fixtures
import Logging
import Models
import ObjectStore
import Redis
import Stores
import Synchronization
import TestServers
import Testing

/// What a command printed, and how it ended.
struct CommandResult {
    let status: ChildProcess.ExitStatus?
    let output: String
}

/// A running system, and the test's own look at its stores.
final class FreshetSystem: Sendable {
    /// The system that the current test runs, so that its logs can be shown when the test fails.
    @TaskLocal static var current: FreshetSystem?

    let redis: RedisServer
    /// Logs, and the objects unless they are somewhere else.
    let folder: TemporaryFolder
    let stores: RedisStores
    let releases: ReleaseStore
    let environment: [String: String]
    private let processes = Mutex<[FreshetProcess]>([])
    private let commandCount = Atomic(0)
    private let hasShownLogs = Atomic(false)

    init(
        redis: RedisServer, folder: TemporaryFolder, stores: RedisStores, releases: ReleaseStore,
        environment: [String: String]
    ) {
        self.redis = redis
        self.folder = folder
        self.stores = stores
        self.releases = releases
        self.environment = environment
    }

    /// Starts a role; `environment` is added to the system's.
    @discardableResult
    func start(_ role: FreshetProcess.Role, _ environment: [String: String] = [:]) async throws -> FreshetProcess {
        let process = try FreshetProcess(
            role, environment: self.environment.merging(environment) { $1 }, folder: folder)
        processes.withLock { $0.append(process) }
        try await process.start()
        return process
    }

    /// Runs a command of the executable to its end.
    func command(
        _ arguments: String..., environment: [String: String] = [:], withinMs: Int = 60_000
    ) async throws -> CommandResult {
        try await command(arguments, environment: environment, withinMs: withinMs)
    }

    /// The same, for arguments that a test puts together.
    func command(
        _ arguments: [String], environment: [String: String] = [:], withinMs: Int = 60_000
    ) async throws -> CommandResult {
        try await run(
            try FreshetExecutable.path(), arguments, environment: self.environment.merging(environment) { $1 },
            withinMs: withinMs)
    }

    /// Talks to Redis as any producer may, with the program that comes with it.
    func redisCLI(_ arguments: String...) async throws -> String { try await redisCLI(arguments) }

    /// The same, for arguments that a test puts together.
    func redisCLI(_ arguments: [String]) async throws -> String {
        let result = try await run("redis-cli", ["-p", "\(redis.port)"] + arguments)
        try #require(result.status == .exited(0), "\(result.output)")
        return result.output
    }

    /// Runs any program to its end, in the system's folder.
    func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], withinMs: Int = 30_000
    ) async throws -> CommandResult {
        let number = commandCount.add(1, ordering: .relaxed).newValue
        let child = try ChildProcess.spawn(
            program, arguments, environment: environment, workingDirectory: folder.path,
            logFile: folder.appending("command-\(number).log"))
        let status = await child.wait(withinMs: withinMs)
        if status == nil { await child.kill() }
        var output = child.log()
        while output.last == "\n" { output.removeLast() }
        return CommandResult(status: status, output: output)
    }

    /// Asks for a release that is published; the generation that became of it.
    @discardableResult
    func load(_ release: String, token: String? = nil) async throws -> Int {
        let request = try await stores.releases.request(release, token: token)
        try await eventually("\(request) is handled") { try await stores.releases.outcome()?.request == request }
        let outcome = try #require(try await stores.releases.outcome())
        return try #require(outcome.generation, "\(outcome.reason ?? "no reason")")
    }

    /// Kills Redis and starts it again; returns when the test's own client is back.
    func restartRedis() async throws {
        try await redis.restart()
        try await eventually("our client is connected again") { await stores.fault(deadlineMs: 1000) == nil }
    }

    /// Waits until the features group has taken and acknowledged all that is on the stream.
    func awaitAllApplied(seconds: Int = 30) async throws {
        try await eventually("every event is applied", seconds: seconds) {
            let progress = try await stores.events.progress().filter { $0.group == ConsumerGroup.features.rawValue }
            return !progress.isEmpty && progress.allSatisfy { $0.pending == 0 && $0.lag == 0 }
        }
    }

    /// All running processes' last words.
    var logs: String { processes.withLock { $0 }.map(\.logTail).joined(separator: "\n") }

    /// Prints them, once.
    func showLogs() {
        if hasShownLogs.exchange(true, ordering: .relaxed) { return }
        print(logs)
    }

    /// Ends everything.
    func shutdown() async {
        for process in processes.withLock({ $0 }) { await process.kill() }
    }
}

/// How a system of a test is made.
struct SystemOptions: Sendable {
    var redis = RedisServer.Options()
    /// The test's own Redis user and password, where not everybody may do everything.
    var user: (name: String, password: String)?
    /// Where the objects are; nil for a folder of the system's own.
    var objects: ObjectStoreConfiguration?
    var partitions = 1
    var environment: [String: String] = [:]
}

/// Runs `body` with a system without any process yet.
func withSystem(
    _ options: SystemOptions = SystemOptions(), _ body: (FreshetSystem) async throws -> Void
) async throws {
    try await withRedisServer(options.redis) { server in
        let folder = try TemporaryFolder("system")
        defer { folder.remove() }
        let objects = try options.objects ?? ObjectStoreConfiguration(url: "file://\(folder.appending("objects"))")
        var configuration = try RedisConfiguration(url: server.url)
        configuration.deadlineMs = 20_000
        configuration.user = options.user?.name
        configuration.password = options.user?.password
        try await withRedisClient(configuration, libraries: RedisStores.functionLibraries) { client in
            let system = FreshetSystem(
                redis: server, folder: folder, stores: RedisStores(client: client, partitions: options.partitions),
                releases: ReleaseStore(objects: try makeObjectStore(objects, logger: Logger(label: "test"))),
                environment: [
                    "REDIS_URL": server.url, "OBJECT_STORE": "file://\(folder.appending("objects"))",
                    "EVENT_PARTITIONS": "\(options.partitions)", "DATA_FOLDER": folder.appending("data"),
                    // On a busy machine a read may take longer than in production, and answers are to be full.
                    "ONLINE_DEADLINE_MS": "10000",
                    // The releases of most tests have nothing in common, so that a mixture of them would show.
                    "GATE_OVERLAP_MIN": "0",
                ].merging(options.environment) { $1 })
            try await FreshetSystem.$current.withValue(system) {
                do { try await body(system) } catch {
                    system.showLogs()
                    await system.shutdown()
                    throw error
                }
            }
            await system.shutdown()
        }
    }
}

extension Trait where Self == IssueHandlingTrait {
    /// Prints the last words of the test's processes beside a failed expectation.
    static var showsLogs: Self {
        .compactMapIssues { issue in
            FreshetSystem.current?.showLogs()
            return issue
        }
    }
}
