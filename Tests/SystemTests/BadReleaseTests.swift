// Releases that cannot become live, as an operator meets them: the command says why and ends with a failure, and the gateway goes
// on answering from the live one.

import Fixtures
import FoundationEssentials
import Models
import Stores
import TestServers
import Testing

extension WholeSystem {
    @Suite(.timeLimit(.minutes(3))) struct `A release that is not good` {
        private struct Fault: Sendable {
            let tag: String
            /// What the command says.
            let words: String
            let publish: @Sendable (FreshetSystem, ReleaseFixture) async throws -> Void
        }

        private static func file(_ name: String, _ fixture: ReleaseFixture, _ system: FreshetSystem) -> URL {
            URL(filePath: system.folder.appending("objects/recommendations/\(fixture.name)/\(name)"))
        }

        private static let faults = [
            Fault(tag: "checksum", words: "SHA-256") { system, fixture in
                try await fixture.publish(to: system.releases)
                let file = file("offline.csv.gz", fixture, system)
                var bytes = try Data(contentsOf: file)
                bytes[4] ^= 1
                try bytes.write(to: file)
            },
            Fault(tag: "truncated", words: "offline.csv.gz") { system, fixture in
                try await fixture.publish(to: system.releases)
                let file = file("offline.csv.gz", fixture, system)
                try Data(contentsOf: file).dropLast(20).write(to: file)
            },
            Fault(tag: "missing", words: "similar.csv.gz") { system, fixture in
                try await fixture.publish(to: system.releases)
                try FileManager.default.removeItem(at: file("similar.csv.gz", fixture, system))
            },
            Fault(tag: "unfinished", words: "it is unfinished or misspelt") { system, fixture in
                _ = try await fixture.write(to: system.releases)
            },
            Fault(tag: "empty", words: "it has no offline list, the live one has 5") { system, fixture in
                var fixture = fixture
                fixture.offline = []
                try await fixture.publish(to: system.releases)
            },
            Fault(tag: "double", words: "12 MB (maxmemory)") { system, fixture in
                try await ReleaseFixture.tagged("double", users: 6000, listLength: 100).publish(to: system.releases)
            },
        ]

        @Test func `is refused with its reason while the live one goes on`() async throws {
            var random = SeededRandom.ofThisRun()
            var options = SystemOptions()
            options.redis.arguments = ["--maxmemory", "12mb"]
            try await withSystem(options) { system in
                try await system.start(.loader)
                let gateway = try await system.start(.gateway)
                try await ReleaseFixture.tagged("good").publish(to: system.releases)
                let live = try await system.load("r-good")
                try await gateway.awaitReady()
                let readers = TaggedReaders(port: gateway.port)
                try await readers.run(seeds: [random.next(), random.next()]) {
                    for fault in Self.faults {
                        try await fault.publish(system, .tagged(fault.tag))
                        let reload = try await system.command("reload", "--release", "r-\(fault.tag)", "--wait")
                        #expect(reload.status == .exited(1), "\(fault.tag): \(reload.output)")
                        #expect(reload.output.contains(fault.words), "\(fault.tag): \(reload.output)")
                        #expect(try await system.stores.generations.active() == live)
                        try await readers.awaitGeneration(live)
                    }
                    try await eventually("nothing is left of them") {
                        try await system.stores.generations.all().map(\.generation) == [live]
                    }
                    // A good one after all of them.
                    try await ReleaseFixture.tagged("next").publish(to: system.releases)
                    let reload = try await system.command("reload", "--wait", "--release", "r-next")
                    #expect(reload.status == .exited(0), "\(reload.output)")
                    try await readers.awaitGeneration(try #require(try await system.stores.generations.active()))
                    // And after going back, though the loader's last word was that it is loaded; the second time, nothing
                    // stands between the two requests by which they would differ of themselves.
                    for _ in 1...2 {
                        #expect(try await system.command("rollback", "--wait").status == .exited(0))
                        let again = try await system.command("reload", "--wait", "--release", "r-next")
                        #expect(again.status == .exited(0), "\(again.output)")
                        let active = try #require(try await system.stores.generations.active())
                        #expect(try await system.stores.generations.info(active)?.release == "r-next")
                    }
                    try await readers.awaitGeneration(try #require(try await system.stores.generations.active()))
                    let active = try #require(try await system.stores.generations.active())
                    #expect(try await system.stores.generations.info(active)?.release == "r-next")
                }
                let seen = readers.seen
                #expect(seen.failures.isEmpty, "\(seen.failures.count) failures: \(seen.failures.prefix(3))")
                #expect(Set(seen.tags.values.joined()) == ["good", "next"])
            }
        }
    }
}
