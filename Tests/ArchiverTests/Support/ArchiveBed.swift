// What the archiver's tests share: a real Redis, an object store, the archiver as a running service, and the archive
// read back line by line.

import Fixtures
import FoundationEssentials
import Logging
import Models
import NIOCore
import ObjectStore
import Redis
import ServiceLifecycle
import Settings
import Stores
import TestServers
import Testing

@testable import Archiver

/// A Redis and an archive of one's own.
struct ArchiveBed: Sendable {
    static let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let server: RedisServer
    let stores: RedisStores
    let objects: any ObjectStore
    var files: EventArchiveStore { EventArchiveStore(objects: objects) }

    /// An archiver that has not been started; it closes files as soon as it can unless told otherwise.
    func archiver(
        _ instance: String = "archive@test:1", fileBytesMax: Int = 67_108_864, fileAgeMsMax: Int64 = 0
    ) -> Archiver {
        Archiver(
            stores: stores, files: files,
            settings: ArchiverSettings(fileBytesMax: fileBytesMax, fileAgeMsMax: fileAgeMsMax, pollMs: 5),
            instance: instance, logger: Self.quietLogger)
    }

    /// Appends entries as any producer may.
    @discardableResult
    func add(_ count: Int, to key: String = "events", _ fields: [(String, RedisArgument)] = []) async throws -> [String]
    {
        let adds = (0..<count).map { number in
            XADD(
                key,
                fields: [(field: "user_id", value: .string("u\(number)")), (field: "item_id", value: "i")]
                    + fields.map { (field: $0.0, value: $0.1) })
        }
        return try await stores.client.pipeline(adds).compactMap { $0 }
    }

    /// The ids on a stream.
    func ids(_ key: String = "events") async throws -> [String] {
        try await stores.client.send(XRANGE(key)).map(\.id)
    }

    /// All lines of the archive by file, in the order of the names.
    func lines() async throws -> [(file: String, lines: [String])] {
        var found: [(file: String, lines: [String])] = []
        for file in try await files.files() {
            var bytes: [UInt8] = []
            _ = try await files.read(file.name) { bytes += $0 }
            found.append((file.name, String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)))
        }
        return found
    }

    /// The ids in the archive, in its order, each as often as it is there.
    func archivedIDs() async throws -> [String] {
        struct Line: Decodable { let id: String }
        return try await lines().flatMap(\.lines).map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8)).id
        }
    }

    /// What the archive has yet to read.
    func lag() async throws -> Int? {
        try await stores.events.progress().first { $0.group == "archive" }?.lag
    }

    func awaitArchived(seconds: Int = 20) async throws {
        try await eventually("all is archived", seconds: seconds) {
            let streams = try await stores.events.progress().filter { $0.group == "archive" }
            return streams.count == stores.events.partitions && streams.allSatisfy { $0.lag == 0 }
        }
    }

    /// The position of the group, moved as if Redis had forgotten.
    func movePosition(to id: String) async throws {
        try await stores.client.send(XGROUPSETID("events", group: "archive", id: id))
    }
}

/// Lends a Redis and an object store, a directory unless another is given.
func withArchiveBed<Value: Sendable>(
    partitions: Int = 1, objects: (any ObjectStore)? = nil, _ body: (ArchiveBed) async throws -> Value
) async throws -> Value {
    var options = RedisServer.Options()
    options.isPersistent = true
    return try await withRedisServer(options) { server in
        try await withStores(on: server, partitions: partitions) { stores in
            try await withDirectory { directory, _ in
                try await body(ArchiveBed(server: server, stores: stores, objects: objects ?? directory))
            }
        }
    }
}

/// Runs archivers beside `body`, shuts them down gracefully behind it, and waits until they have ended.
func archiving<Value: Sendable>(_ archivers: Archiver..., body: () async throws -> Value) async throws -> Value {
    let group = ServiceGroup(
        configuration: .init(
            services: archivers.map { .init(service: $0, successTerminationBehavior: .ignore) },
            logger: ArchiveBed.quietLogger))
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
