// kill -9 of loader and gateway in a loop of reloads: afterwards one good generation is live, half ones are cleared
// away, and no answer ever mixed two.

import Fixtures
import Models
import Redis
import Stores
import Testing

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Killing loader and gateway` {
        private static let rounds = 8
        /// Large enough that a kill hits a load in the middle.
        private static let users = 2000

        @Test func `in a loop of reloads leaves one good generation and no mixed answer`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withSystem { system in
                let loader = try await system.start(.loader, ["RETIRE_GRACE_SECONDS": "0", "LOADER_POLL_MS": "100"])
                let gateway = try await system.start(.gateway)
                try await ReleaseFixture.tagged("t0", users: Self.users).publish(to: system.releases)
                try await system.load("r-t0")
                try await gateway.awaitReady()
                let keysOfOne = try await Self.keyCount(system)

                let readers = TaggedReaders(port: gateway.port, reconnects: true)
                var midLoadKills = 0
                try await readers.run(seeds: [random.next(), random.next()]) {
                    for number in 1...Self.rounds {
                        let release = "r-t\(number)"
                        try await ReleaseFixture.tagged("t\(number)", users: Self.users).publish(to: system.releases)
                        let before = try await Self.keyCount(system)
                        let request = try await system.stores.releases.request(release)
                        // A moment between the first key and somewhat behind the switch.
                        let target = before + Int.random(in: 0...keysOfOne, using: &random)
                        try await eventually("the load has come to \(target) keys") {
                            let count = try await Self.keyCount(system)
                            if count >= target { return true }
                            return try await system.stores.releases.outcome()?.request == request
                        }
                        await loader.kill()
                        if try await system.stores.releases.outcome()?.request != request { midLoadKills += 1 }
                        if Bool.random(using: &random) { try await gateway.restart() }
                        // What the lease of the dead would do within 15 s, at once.
                        _ = try await system.stores.client.send(RawCommand("DEL", ["loader:lease"]))
                        try await loader.start()
                        try await eventually("\(release) is loaded") {
                            try await system.stores.releases.outcome()?.request == request
                        }
                        let outcome = try #require(try await system.stores.releases.outcome())
                        #expect(outcome.state == "loaded", "\(outcome.reason ?? "")")
                        try await readers.awaitGeneration(try #require(outcome.generation))
                    }
                }
                print("kills in the middle of a load: \(midLoadKills) of \(Self.rounds)")
                #expect(midLoadKills > 0, "no kill hit a load, so nothing was tried")
                try await checkRest(system, readers)
            }
        }

        private func checkRest(_ system: FreshetSystem, _ readers: TaggedReaders) async throws {
            let active = try #require(try await system.stores.generations.active())
            #expect(try await system.stores.generations.info(active)?.release == "r-t\(Self.rounds)")
            try await eventually("half generations are gone") {
                let all = try await system.stores.generations.all()
                // The live one, two to go back to, and perhaps whole ones whose loader died before the switch.
                return all.count <= 5 && all.allSatisfy { $0.state == "ready" }
            }
            // Nothing lies around that the index does not know.
            let known = Set(try await system.stores.generations.all().map { "\($0.generation)" })
            let keys = try await system.stores.client.send(RawCommand("KEYS", ["gen:*"])).values
            var owners: Set<String> = []
            for key in keys { owners.insert(try #require(key.text?.split(separator: ":")[1].description)) }
            #expect(owners == known)
            let seen = readers.seen
            #expect(seen.failures.isEmpty, "\(seen.failures.count) failures: \(seen.failures.prefix(5))")
            #expect(seen.tags.values.allSatisfy { $0.count == 1 }, "\(seen.tags)")
        }

        private static func keyCount(_ system: FreshetSystem) async throws -> Int {
            guard case .integer(let count) = try await system.stores.client.send(RawCommand("DBSIZE")) else { return 0 }
            return count
        }
    }
}
