// What the tests of the features consumer share: a real Redis with stores on it, and the
// consumer as a running service.

import Logging
import Models
import NIOCore
import Redis
import ServiceLifecycle
import Settings
import Stores
import Telemetry
import TestServers
import Testing

@testable import Features

/// A Redis of one's own, and stores on it.
struct TestBed: Sendable {
    static let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let server: RedisServer
    let stores: RedisStores
    var client: RedisClient { stores.client }

    /// A consumer that has not been started.
    func features(
        _ instance: String = "features@test:1", settings: FeaturesSettings = .forTests(),
        events: EventSettings = EventSettings(), onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Features {
        Features(
            stores: stores, settings: settings, events: events, instance: instance, logger: Self.quietLogger,
            onListening: onListening)
    }

    /// Appends an entry as any producer may.
    @discardableResult
    func add(_ fields: [(String, RedisArgument)], id: String = "*", to key: String = "events") async throws -> StreamID
    {
        let text = try await client.send(XADD(key, id: id, fields: fields.map { (field: $0.0, value: $0.1) }))
        return try #require(text.flatMap { StreamID($0) })
    }

    /// Appends a view.
    @discardableResult
    func add(_ user: String, _ item: String, id: String = "*") async throws -> StreamID {
        try await add([("user_id", .string(user)), ("item_id", .string(item))], id: id)
    }

    /// The fields of a user's hash, as text.
    func online(_ user: String) async throws -> [String: String] {
        let pairs = try await client.send(HGETALL("online:{\(user)}"))
        return Dictionary(uniqueKeysWithValues: pairs.map { (String(buffer: $0.field), String(buffer: $0.value)) })
    }

    /// Entries that were handed out and not acknowledged.
    func pendingCount() async throws -> Int {
        try await stores.events.progress().filter { $0.group == "features" }.reduce(0) { $0 + $1.pending }
    }

    /// Loads a generation that knows similar items, and makes it live.
    @discardableResult
    func activate(_ similar: [String: String]) async throws -> Int {
        let writer = stores.generationWriter
        let generation = try await writer.open(release: "test", nowMs: UTCTime.nowMs())
        try await writer.write(
            similar.map { item, list in .similar(try #require(ItemID(item)), ItemListText.read(list)) },
            generation: generation)
        try await writer.finish(generation, figures: [:], nowMs: UTCTime.nowMs())
        try await stores.generations.activate(generation, kept: 2, nowMs: UTCTime.nowMs())
        return generation
    }
}

extension FeaturesSettings {
    /// Quick to claim, on a free port.
    static func forTests(
        onlineItemsMax: Int = 10, batchCountMax: Int = 256, claimIdleMs: Int = 200, deliveriesMax: Int = 5
    ) -> FeaturesSettings {
        FeaturesSettings(
            http: HTTPSettings(port: 0), onlineItemsMax: onlineItemsMax, batchCountMax: batchCountMax,
            claimIdleMs: claimIdleMs, deliveriesMax: deliveriesMax)
    }
}

/// Lends a Redis with stores to `body`.
func withTestBed<Value: Sendable>(
    isPersistent: Bool = false, partitions: Int = 1, deadlineMs: Int = 10_000, _ body: (TestBed) async throws -> Value
) async throws -> Value {
    var options = RedisServer.Options()
    options.isPersistent = isPersistent
    return try await withRedisServer(options) { server in
        var configuration = try RedisConfiguration(url: server.socketURL)
        configuration.deadlineMs = deadlineMs
        return try await withRedisClient(configuration, libraries: RedisStores.functionLibraries) { client in
            try await body(TestBed(server: server, stores: RedisStores(client: client, partitions: partitions)))
        }
    }
}

/// Runs a service beside `body`, shuts it down gracefully behind it, and waits until it has ended.
func running<Value: Sendable>(
    _ service: some Service, _ body: () async throws -> Value
) async throws -> Value {
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            logger: TestBed.quietLogger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let value: Value
        do { value = try await body() } catch {
            tasks.cancelAll()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return value
    }
}

/// Random numbers that are the same in every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
