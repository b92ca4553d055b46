// Ten generations one after the other, and rollbacks in between, while clients read without a pause: no request fails,
// and no answer mixes two generations.

import Fixtures
import Models
import Stores
import Synchronization
import TestServers
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Reloading under load` {
        private static let generations = 10
        private static let connections = 8

        @Test func `fails no request and mixes no two generations`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withSystem { system in
                let gateway = try await system.start(.gateway)
                try await system.start(.loader)
                let features = try await system.start(.features)
                try await ReleaseFixture.tagged("t0").publish(to: system.releases)
                try await system.load("r-t0")
                for process in [features, gateway] { try await process.awaitReady() }
                try await Self.addTouches(system)

                let readers = TaggedReaders(port: gateway.port)
                let seeds = (0..<Self.connections).map { _ in random.next() }
                try await readers.run(seeds: seeds) {
                    for number in 1...Self.generations {
                        try await ReleaseFixture.tagged("t\(number)").publish(to: system.releases)
                        let generation = try await system.load("r-t\(number)")
                        try await readers.awaitGeneration(generation)
                        guard number.isMultiple(of: 2) else { continue }
                        let result = try await system.command("rollback", "--wait")
                        #expect(result.status == .exited(0), "\(result.output)")
                        try await readers.awaitGeneration(try #require(try await system.stores.generations.active()))
                    }
                }
                let seen = readers.seen
                #expect(seen.failures.isEmpty, "\(seen.failures.count) failures: \(seen.failures.prefix(5))")
                #expect(seen.tags.count == Self.generations + 1)
                for (generation, tags) in seen.tags {
                    let release = try #require(try await system.stores.generations.info(generation)).release
                    #expect(tags.map { "r-\($0)" } == [release], "generation \(generation)")
                }
                // The fallback was taken too: fields of a generation that the answer was not computed from.
                let statistics = try await HTTP.get(gateway.port, "/v1/stats").decode(GatewayCounts.self)
                #expect(statistics.touches_refetched > 0)
                #expect(statistics.parity_violations == 0)
                // In the end the sweep has put every field right.
                let active = try await system.stores.generations.active()
                try await eventually("fields are re-derived") {
                    try await system.stores.online.entries(of: try #require(UserID("u1"))).allSatisfy {
                        $0.generation == active
                    }
                }
                print(
                    "reads: \(seen.count), of \(seen.tags.count) generations, \(statistics.touches_refetched) refetched"
                )
            }
        }

        private struct GatewayCounts: Decodable {
            let touches_refetched: Int
            let parity_violations: Int
        }

        private static func addTouches(_ system: FreshetSystem) async throws {
            for user in 1...5 {
                for item in 1...4 {
                    _ = try await system.stores.events.append([
                        (
                            user: try #require(UserID("u\(user)")),
                            fields: [(name: "user_id", value: "u\(user)"), (name: "item_id", value: "i\(item)")]
                        )
                    ]).map { try $0.get() }
                }
            }
            try await system.awaitAllApplied()
        }
    }
}

/// Clients that read without a pause and note which tags the items of each generation carry.
final class TaggedReaders: Sendable {
    /// What was seen.
    struct Seen {
        var count = 0
        var tags: [Int: Set<String>] = [:]
        var failures: [String] = []
    }

    private let port: Int
    private let state = Mutex(Seen())
    private let goesOn = Switch()
    /// Whether a connection that ends is made again: where the gateway itself is killed.
    private let reconnects: Bool

    init(port: Int, reconnects: Bool = false) {
        self.port = port
        self.reconnects = reconnects
    }

    var seen: Seen { state.withLock { $0 } }

    /// Reads beside `body`, a connection for each seed.
    func run(seeds: [UInt64], _ body: () async throws -> Void) async throws {
        try await running(seeds: seeds, while: goesOn, read, beside: body)
    }

    /// Waits until some answer came from a generation.
    func awaitGeneration(_ generation: Int) async throws {
        let before = seen.count
        try await eventually("an answer of generation \(generation)") {
            self.state.withLock { $0.tags[generation] != nil && $0.count > before + 50 }
        }
    }

    private func read(_ seed: UInt64) async {
        var random = SeededRandom(seed: seed)
        repeat {
            do {
                try await HTTP.withConnection(port) { connection in
                    while goesOn.isOn {
                        try await note(Self.request(&random)) { path, body in
                            if let body {
                                try await connection.post(path, body)
                            } else {
                                try await connection.get(path)
                            }
                        }
                    }
                }
            } catch {
                guard reconnects else { return state.withLock { $0.failures.append("\(error)") } }
                // If it never does, who waits for answers says so.
                try? await eventually("the gateway listens again", seconds: 30) {
                    guard goesOn.isOn else { return true }
                    return (try? await HTTP.get(port, "/healthz").status) == 200
                }
            }
        } while reconnects && goesOn.isOn && !Task.isCancelled
    }

    private func note(
        _ request: (path: String, body: String?), _ send: (String, String?) async throws -> HTTPAnswer
    ) async throws {
        let answer = try await send(request.path, request.body)
        state.withLock { seen in
            seen.count += 1
            guard answer.status == 200, let read = try? answer.decode(RecommendationAnswer.self) else {
                return seen.failures.append("\(request.path): \(answer.status) \(answer.text.prefix(300))")
            }
            if read.served_by != "full" || read.items.count != 20 || Set(read.items).count != 20 {
                seen.failures.append("\(request.path): not full: \(answer.text.prefix(300))")
            }
            seen.tags[read.generation, default: []].formUnion(read.tags)
        }
    }

    /// Users with and without online state, and anonymous sessions.
    private static func request(_ random: inout SeededRandom) -> (path: String, body: String?) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: ("/v1/recommendations/session", #"{"items": ["i1", "i2"], "k": 20}"#)
        case 1: ("/v1/recommendations/nobody?k=20", nil)
        case 2: ("/v1/recommendations/u\(Int.random(in: 1...5, using: &random))?k=20&explain=true", nil)
        default: ("/v1/recommendations/u\(Int.random(in: 1...5, using: &random))?k=20", nil)
        }
    }
}
