// The stores go away and come back: entries wait on the stream, and each is archived once.

import Fixtures
import Logging
import Models
import ObjectStore
import Redis
import Stores
import TestServers
import Testing

@testable import Archiver

@Suite(.serialized, .timeLimit(.minutes(3))) struct OutageTests {
    private func s3(_ server: SeaweedServer) throws -> any ObjectStore {
        let endpoint = server.endpoint
        return try makeObjectStore(
            try ObjectStoreConfiguration(
                url: endpoint.url(prefix: "shop"),
                credentials: S3Credentials(
                    accessKeyID: endpoint.accessKeyID, secretAccessKey: endpoint.secretAccessKey)),
            logger: ArchiveBed.quietLogger)
    }

    @Test func `S3 is away for a while: nothing is lost, and the archiver holds one file at most`() async throws {
        try await withSeaweedServer { server in
            try await withArchiveBed(objects: try s3(server)) { bed in
                try await archiving(bed.archiver(fileBytesMax: 65_536)) {
                    for _ in 1...2 {
                        try await bed.add(500)
                        try await bed.awaitArchived()
                        await server.kill()
                        let position = try await bed.stores.archive.position(0)
                        try await bed.add(5000)
                        // It has read what fits into a file, and cannot go on.
                        try await eventually("a file is planned or waits for S3") {
                            try await bed.lag() == 5000
                        }
                        #expect(try await bed.stores.archive.position(0) == position)
                        #expect(try await bed.stores.events.trim(retentionMs: -1_000_000, nowMs: 1 << 50) >= 0)
                        #expect(try await bed.ids().count >= 5000)
                        try await server.restart()
                        try await bed.awaitArchived(seconds: 60)
                    }
                }
                let archived = try await bed.archivedIDs()
                #expect(archived.count == 11_000)
                #expect(Set(archived).count == 11_000)
                #expect(Set(try await bed.ids()).isSubset(of: archived))
            }
        }
    }

    @Test func `Redis dies and comes back: the archive goes on where it stood`() async throws {
        try await withArchiveBed { bed in
            try await archiving(bed.archiver(fileBytesMax: 65_536)) {
                for _ in 1...3 {
                    try await bed.add(3000)
                    try await bed.server.restart()
                    try await eventually("our client is back") { await bed.stores.fault(deadlineMs: 1000) == nil }
                }
                try await bed.awaitArchived()
            }
            #expect(try await bed.archivedIDs() == bed.ids())
        }
    }

    @Test func `a Redis that lost its group and plan finds its place by the archive`() async throws {
        try await withArchiveBed { bed in
            try await archiving(bed.archiver(fileBytesMax: 65_536)) {
                try await bed.add(3000)
                try await bed.awaitArchived()
            }
            let before = try await bed.files.files()
            _ = try await bed.stores.client.send(RawCommand("XGROUP", ["DESTROY", "events", "archive"]))
            try await archiving(bed.archiver(fileBytesMax: 1_000_000)) {
                try await bed.add(10)
                try await bed.awaitArchived()
            }
            #expect(try await bed.archivedIDs() == bed.ids())
            #expect(try await bed.files.files().prefix(before.count).map(\.name) == before.map(\.name))
        }
    }
}
