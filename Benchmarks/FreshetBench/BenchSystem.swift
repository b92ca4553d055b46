// The system under measurement: a private Redis, and gateway and features in processes of their own, filled with users who
// have ten touched items and an offline list of a hundred.

import Bootstrap
import FoundationEssentials
import Glibc
import Logging
import Models
import Redis
import Stores
import Telemetry

/// A running system with its data.
struct BenchSystem: Sendable {
    static let userCount = 1000
    static let itemCount = 5000
    static let generation = 1

    let stores: RedisStores
    let redisPort: Int
    let gatewayPort: Int
    let helloPort: Int
    private let folder: String
    private let executables: String
    private let redisURL: String

    /// Starts everything, runs `body` and stops everything.
    static func withSystem<Value: Sendable>(_ body: @Sendable (BenchSystem) async throws -> Value) async throws -> Value
    {
        let folder = "/tmp/freshet-bench-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ports = try (0..<4).map { _ in try freePort() }
        let redis = try PrivateRedis(folder: "\(folder)/redis", port: ports[0])
        let client = try Resources.redisClient(
            try RedisConfiguration(url: "redis://127.0.0.1:\(ports[0])"), name: "bench")
        let executables = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let system = BenchSystem(
            stores: RedisStores(client: client, partitions: 1), redisPort: ports[0], gatewayPort: ports[1],
            helloPort: ports[2], folder: folder,
            executables: String(executables[..<(executables.lastIndex(of: "/") ?? executables.endIndex)]),
            redisURL: "redis://127.0.0.1:\(ports[0])")
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await redis.run() }
            group.addTask { await client.run() }
            try await system.waitFor("redis") { await system.stores.fault(deadlineMs: 200) == nil }
            try await system.fill()
            let gateway = try system.start("gateway", ["GATEWAY_PORT": "\(ports[1])"])
            let features = try system.startFeatures(port: ports[3])
            defer { for child in [gateway, features] { child.signal(SIGKILL) } }
            try await system.waitFor("gateway") { system.answers(ports[1], "/readyz") }
            try await system.waitFor("features") { system.answers(ports[3], "/readyz") }
            let value = try await body(system)
            client.shutdown()
            group.cancelAll()
            return value
        }
    }

    /// Starts a features consumer.
    func startFeatures(port: Int) throws -> ChildProcess { try start("features", ["FEATURES_PORT": "\(port)"]) }

    /// Starts the server that does nothing.
    func startHello() async throws -> ChildProcess {
        let child = try ChildProcess.start(
            "\(executables)/freshet-bench", ["hello", "--port", "\(helloPort)"], outputFile: "\(folder)/hello.log")
        try await waitFor("hello") { answers(helloPort, "/hello") }
        return child
    }

    private func start(_ role: String, _ settings: [String: String]) throws -> ChildProcess {
        let settings = settings.merging(["REDIS_URL": redisURL, "LOG_LEVEL": "error"]) { first, _ in first }
        return try ChildProcess.start(
            "env", settings.map { "\($0)=\($1)" } + ["\(executables)/freshet", role],
            outputFile: "\(folder)/\(role).log")
    }

    /// Waits until `condition` holds.
    func waitFor(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw BenchError("\(what) did not come up within 120 s") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func answers(_ port: Int, _ path: String) -> Bool {
        (try? BlockingSocket(port: port).get(path).status) == 200
    }

    /// A list that looks like a real one: distinct items, falling scores.
    static func list(_ seed: Int, _ count: Int) -> [ScoredItem] {
        (0..<count).compactMap { place in
            ItemID("\(100_000 + (seed * 7919 + place * 31) % itemCount)").map {
                ScoredItem(item: $0, score: ScoreText.rounded(1 / Float(place + 2)))
            }
        }
    }

    private func fill() async throws {
        let generation = try await stores.generationWriter.open(release: "bench", nowMs: UTCTime.nowMs())
        var lists: [GenerationList] = [.popular(category: nil, Self.list(1, 1000))]
        lists += (0..<Self.userCount).compactMap { user in
            UserID("\(user)").map { .offline($0, Self.list(user, 100)) }
        }
        lists += (0..<Self.itemCount).compactMap { item in
            ItemID("\(100_000 + item)").map { .similar($0, Self.list(item + 1, 15)) }
        }
        for start in stride(from: 0, to: lists.count, by: 500) {
            try await stores.generationWriter.write(
                Array(lists[start..<min(start + 500, lists.count)]), generation: generation)
        }
        try await stores.generationWriter.finish(generation, figures: [:], nowMs: UTCTime.nowMs())
        try await stores.generations.activate(generation, kept: 2, nowMs: UTCTime.nowMs())
        for user in 0..<Self.userCount {
            for touch in 0..<10 { try await append(user: user, item: (user * 13 + touch * 97) % Self.itemCount) }
        }
        try await stores.events.createGroup(.features)
    }

    private func append(user: Int, item: Int) async throws {
        guard let id = UserID("\(user)") else { return }
        let fields = [(name: EventField.user, value: "\(user)"), (name: EventField.item, value: "\(100_000 + item)")]
        for result in await stores.events.append([(user: id, fields: fields)]) { _ = try result.get() }
    }

    /// Waits until the features group has applied everything.
    func waitUntilApplied() async throws {
        try await waitFor("the features consumer") {
            // The archive has a group too, and no archiver here.
            try await stores.events.progress().filter { $0.group == ConsumerGroup.features.rawValue }
                .allSatisfy { $0.pending == 0 && ($0.lag ?? 1) == 0 }
        }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard port else { throw BenchError("no free port") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
