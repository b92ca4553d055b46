// kill -9 of the archivers in every step, of Redis and of S3 in between, under a stream of events: the archive holds
// every entry of the stream, and each once.

import Fixtures
import FoundationEssentials
import Logging
import Models
import ObjectStore
import Redis
import Stores
import TestServers
import Testing

extension WholeSystem {
    @Suite(.timeLimit(.minutes(5))) struct `Killing the archiver` {
        private static let rounds = 12
        private static let eventsPerRound = 300...3000
        /// Small files, so that every round has some.
        private static let quick = [
            "ARCHIVE_FILE_BYTES": "65536", "ARCHIVE_FILE_SECONDS": "1", "ARCHIVE_POLL_MS": "10",
        ]

        private static func options(_ server: SeaweedServer) throws -> SystemOptions {
            let endpoint = server.endpoint
            let url = endpoint.url(prefix: "shop")
            var options = SystemOptions()
            options.redis.isPersistent = true
            options.objects = try ObjectStoreConfiguration(
                url: url,
                credentials: S3Credentials(
                    accessKeyID: endpoint.accessKeyID, secretAccessKey: endpoint.secretAccessKey))
            options.environment = quick.merging([
                "OBJECT_STORE": url, "S3_ACCESS_KEY_ID": endpoint.accessKeyID,
                "S3_SECRET_ACCESS_KEY": endpoint.secretAccessKey,
            ]) { $1 }
            return options
        }

        @Test func `in any step loses no entry and archives none twice`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withSeaweedServer { server in
                let options = try Self.options(server)
                try await withSystem(options) { system in
                    let processes = [try await system.start(.archive), try await system.start(.archive)]
                    var sent: [String] = []
                    for round in 1...Self.rounds {
                        let count = Int.random(in: Self.eventsPerRound, using: &random)
                        sent += try await Self.add(count, to: system)
                        try await Self.awaitMoment(system, count, &random)
                        switch Int.random(in: 0..<8, using: &random) {
                        case 0: try await system.restartRedis()
                        case 1: try await server.restart()
                        case 2, 3:
                            for process in processes { await process.kill() }
                            for process in processes { try await process.start() }
                        default: try await processes[round % 2].restart()
                        }
                    }
                    // One alone finishes, so it is certainly up when it is asked to end.
                    await processes[0].kill()
                    sent += try await Self.add(10, to: system)
                    try await eventually("all is archived", seconds: 60) {
                        try await system.stores.events.progress().allSatisfy { $0.lag == 0 }
                    }
                    #expect(await processes[1].terminate() == .exited(0))
                    let objects = try makeObjectStore(
                        try #require(options.objects), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                    let (archived, fileCount) = try await Self.archivedIDs(EventArchiveStore(objects: objects))
                    #expect(archived.count == sent.count, "\(fileCount) files")
                    #expect(Set(archived) == Set(sent))
                    print("\(sent.count) events in \(fileCount) files")
                }
            }
        }

        /// Between the plan and the commit, or when a part of the round is through.
        private static func awaitMoment(
            _ system: FreshetSystem, _ count: Int, _ random: inout SeededRandom
        ) async throws {
            let isPlanned = Bool.random(using: &random)
            let lagMax = Int.random(in: 0...count, using: &random)
            try await eventually("the archiver is at work", seconds: 60) {
                let lag = try await system.stores.events.progress().first { $0.group == "archive" }?.lag
                if isPlanned { return try await system.stores.archive.planned(0) != nil || lag == 0 }
                return lag.map { $0 <= lagMax } ?? false
            }
        }

        private static func add(_ count: Int, to system: FreshetSystem) async throws -> [String] {
            let adds = (0..<count).map { number in
                XADD(
                    "events",
                    fields: [(field: "user_id", value: .string("u\(number)")), (field: "item_id", value: "i")])
            }
            return try await system.stores.client.pipeline(adds).compactMap { $0 }
        }

        private static func archivedIDs(_ files: EventArchiveStore) async throws -> ([String], fileCount: Int) {
            struct Line: Decodable { let id: String }
            var ids: [String] = []
            let all = try await files.files()
            for file in all {
                var bytes: [UInt8] = []
                _ = try await files.read(file.name) { bytes += $0 }
                for line in bytes.split(separator: UInt8(ascii: "\n")) {
                    ids.append(try JSONDecoder().decode(Line.self, from: Data(line)).id)
                }
            }
            return (ids, all.count)
        }
    }
}
