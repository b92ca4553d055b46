// How far the archive is behind, as a scraper reads it: what no committed file holds, and how old the oldest of it is.

import Redis
import Settings
import Stores
import Telemetry
import TestServers
import Testing

@testable import Archiver

@Suite(.serialized, .timeLimit(.minutes(2))) struct ArchiverMetricsTests {
    /// The page's lines about the lag, by the metric's name.
    private func lag(_ bed: ArchiveBed, nowMs: Int64) async -> [String: Double] {
        let registry = MetricsRegistry(role: "archive")
        registry.collect { await ArchiverMetrics.backlog(bed.stores.archive, nowMs: nowMs) }
        let page = String(decoding: await registry.exposition(.prometheus), as: UTF8.self)
        return Dictionary(
            uniqueKeysWithValues: page.split(separator: "\n").filter { $0.hasPrefix("freshet_archive_lag") }.compactMap
            { line in
                guard let value = line.split(separator: " ").last.flatMap({ Double($0) }) else { return nil }
                return (String(line.prefix { $0 != "{" }), value)
            })
    }

    private func add(_ id: String, to key: String, _ bed: ArchiveBed) async throws {
        _ = try await bed.stores.client.send(
            XADD(key, id: id, fields: [(field: "user_id", value: "u"), (field: "item_id", value: "i")]))
    }

    @Test func `the lag counts the entries of all streams, and its age is the oldest one's`() async throws {
        try await withArchiveBed(partitions: 2) { bed in
            // Before the groups exist nobody knows; a scrape must not make them.
            #expect(await lag(bed, nowMs: 10_000).isEmpty)
            for partition in 0..<2 { _ = try await bed.stores.archive.position(partition) }
            #expect(
                await lag(bed, nowMs: 10_000)
                    == ["freshet_archive_lag_entries": 0, "freshet_archive_lag_seconds": 0])

            for number in 1...5 { try await add("\(4000 + number)-0", to: "events:0", bed) }
            for number in 1...2 { try await add("\(2500 + number)-0", to: "events:1", bed) }
            #expect(
                await lag(bed, nowMs: 10_001)
                    == ["freshet_archive_lag_entries": 7, "freshet_archive_lag_seconds": 7.5])
            // Of an entry that is ahead of this clock nobody can say that it has waited.
            #expect(await lag(bed, nowMs: 2000)["freshet_archive_lag_seconds"] == 0)

            try await archiving(bed.archiver()) { try await bed.awaitArchived() }
            #expect(
                await lag(bed, nowMs: 10_001)
                    == ["freshet_archive_lag_entries": 0, "freshet_archive_lag_seconds": 0])
        }
    }

    @Test func `where Redis has lost count, the age still tells`() async throws {
        try await withArchiveBed { bed in
            _ = try await bed.stores.archive.position(0)
            for number in 1...5 { try await add("\(1000 * number)-0", to: "events", bed) }
            _ = try await bed.stores.client.send(XDEL("events", ["3000-0"]))
            #expect(await lag(bed, nowMs: 9000) == ["freshet_archive_lag_seconds": 8])
        }
    }

    @Test func `an archiver shows its lag by itself, and none while Redis is away`() async throws {
        try await withArchiveBed { bed in
            let registry = MetricsRegistry(role: "archive")
            _ = Archiver(
                stores: bed.stores, files: bed.files, settings: .init(), instance: "archive@test:1", metrics: registry,
                logger: ArchiveBed.quietLogger)
            _ = try await bed.stores.archive.position(0)
            try await bed.add(3)
            let page = String(decoding: await registry.exposition(.prometheus), as: UTF8.self)
            #expect(page.contains(#"freshet_archive_lag_entries{role="archive"} 3"# + "\n"))
            await bed.server.kill()
            let blind = String(decoding: await registry.exposition(.prometheus), as: UTF8.self)
            #expect(!blind.contains("freshet_archive_lag"))
        }
    }
}
