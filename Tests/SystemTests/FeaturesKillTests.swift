// kill -9 of the features consumers at random moments under a stream of events: every acknowledged event is in the
// online state, and the state is exactly what the stream says.

import Fixtures
import Models
import Redis
import Stores
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Killing features` {
        private static let rounds = 15
        /// Kills come after so many further events at most, so they hit all stages of a batch.
        private static let eventsPerRoundMax = 600

        @Test func `at random moments loses no event and counts none twice`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withSystem { system in
                let release = ReleaseFixture.tagged("t")
                try await release.publish(to: system.releases)
                try await system.start(.loader)
                let ingest = try await system.start(.ingest)
                let quickClaims = ["FEATURES_CLAIM_IDLE_MS": "100", "FEATURES_BATCH_COUNT": "64"]
                let processes = [
                    try await system.start(.features, quickClaims), try await system.start(.features, quickClaims),
                ]
                try await processes[0].awaitReady()

                let producers = EventProducers(system: system, ingest: ingest)
                let acknowledged = try await producers.run(seed: random.next()) { flow in
                    for _ in 1...Self.rounds {
                        let count = Int.random(in: 1...Self.eventsPerRoundMax, using: &random)
                        let target = flow.sent.count + count
                        // Events go on coming while the dead are away.
                        flow.allowed.add(Self.eventsPerRoundMax + count)
                        try await eventually("\(target) events are sent") { flow.sent.count >= target }
                        // Now and then both die at once, so that nobody is there to take over.
                        switch Int.random(in: 0..<4, using: &random) {
                        case 0:
                            for process in processes { await process.kill() }
                            for process in processes { try await process.start() }
                        case 1: try await processes[1].restart()
                        default: try await processes[0].restart()
                        }
                    }
                }
                try await system.awaitAllApplied()
                let model = try await OnlineModel(of: system)
                #expect(acknowledged.subtracting(model.ids).isEmpty)
                #expect(model.entries.count > Self.rounds * 100, "too few events to tell")
                let lists = Dictionary(uniqueKeysWithValues: release.similar.map { ($0.item, $0.items) })
                try await model.check(system) { lists[$0] ?? [] }
                #expect(try await system.stores.events.quarantined(countMax: 10).isEmpty)
            }
        }
    }
}

/// How far the producers are, and how far they may go.
struct Flow: Sendable {
    let sent = Counter()
    /// Without a bound, a quick machine would fill the stream while a process starts.
    let allowed = Counter()
    let isOn = Switch()

    /// Waits until there is something to do; false at the end.
    func goesOn() async throws -> Bool {
        try await eventually("more is allowed", seconds: 60) { sent.count < allowed.count || !isOn.isOn }
        return isOn.isOn
    }
}

/// Producers that never stop: one over HTTP, one straight to the stream.
struct EventProducers: Sendable {
    static let userCount = 40
    static let itemCount = 60
    private static let batchCount = 20

    let system: FreshetSystem
    let ingest: FreshetProcess

    /// Sends events beside `body`; the ids that were acknowledged.
    func run(
        seed: UInt64, _ body: (Flow) async throws -> Void
    ) async throws -> Set<StreamID> {
        let flow = Flow()
        return try await withThrowingTaskGroup(of: Set<StreamID>.self) { group in
            group.addTask {
                var random = SeededRandom(seed: seed)
                var ids: Set<StreamID> = []
                try await HTTP.withConnection(ingest.port) { connection in
                    while try await flow.goesOn() {
                        let lines = (0..<Self.batchCount).map { _ in Self.json(Self.event(&random)) }
                        let answer = try await connection.post(
                            "/v1/events", lines.joined(separator: "\n"), type: "application/x-ndjson")
                        try #require(answer.status == 200, "\(answer.text)")
                        ids.formUnion(
                            try answer.decode(IngestAnswer.self).ids.compactMap { $0.flatMap { StreamID($0) } })
                        flow.sent.add(Self.batchCount)
                    }
                }
                return ids
            }
            group.addTask {
                var random = SeededRandom(seed: seed &+ 1)
                var ids: Set<StreamID> = []
                while try await flow.goesOn() {
                    let adds = (0..<Self.batchCount).map { _ in
                        XADD("events", fields: Self.event(&random).map { (field: $0.name, value: .string($0.value)) })
                    }
                    for id in try await system.stores.client.pipeline(adds) {
                        ids.insert(try #require(id.flatMap { StreamID($0) }))
                    }
                    flow.sent.add(Self.batchCount)
                }
                return ids
            }
            do { try await body(flow) } catch {
                group.cancelAll()
                throw error
            }
            flow.isOn.turnOff()
            return try await group.reduce(into: []) { $0.formUnion($1) }
        }
    }

    /// Some come late, some name no time, and many repeat an item. Half are of users who come back all the time, which
    /// tries order and eviction; half of users who come once, whose loss no later event could cover up.
    static func event(_ random: inout SeededRandom) -> [(name: String, value: String)] {
        let isRegular = Bool.random(using: &random)
        let user =
            isRegular
            ? Int.random(in: 1...userCount, using: &random) : Int.random(in: 1000...1_000_000_000, using: &random)
        var fields = [
            (name: "user_id", value: "u\(user)"),
            (name: "item_id", value: "i\(Int.random(in: 1...itemCount, using: &random))"),
        ]
        if Bool.random(using: &random) {
            fields.append(
                (name: "event", value: ["view", "addtocart", "transaction"].randomElement(using: &random) ?? "view"))
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            fields.append((name: "ts", value: "\(1_750_000_000_000 + Int.random(in: 0...100_000, using: &random))"))
        }
        return fields
    }

    static func json(_ fields: [(name: String, value: String)]) -> String {
        let members = fields.map { $0.name == "ts" ? "\"ts\": \($0.value)" : "\"\($0.name)\": \"\($0.value)\"" }
        return "{" + members.joined(separator: ", ") + "}"
    }
}
