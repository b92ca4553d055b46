// kill -9 of ingest in mid-request: an id that was answered is on the stream, and what was not answered can be sent
// again without a second effect.

import Fixtures
import Models
import Stores
import Synchronization
import Testing
import WebClient

extension WholeSystem {
    @Suite(.timeLimit(.minutes(2))) struct `Killing ingest` {
        private static let rounds = 8
        private static let requestsPerRoundMax = 60
        private static let connections = 4

        @Test func `loses no answered id, and a repeated request has one effect`() async throws {
            var random = SeededRandom.ofThisRun()
            try await withSystem { system in
                try await ReleaseFixture.tagged("t").publish(to: system.releases)
                try await system.start(.loader)
                let features = try await system.start(.features)
                try await features.awaitReady()
                let ingest = try await system.start(.ingest)
                let answered = Answers()
                let requestCount = Counter()
                let sentTwice = Counter()
                let goesOn = Switch()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for connection in 0..<Self.connections {
                        var random = SeededRandom(seed: random.next())
                        group.addTask {
                            var number = 0
                            while goesOn.isOn {
                                let count = Int.random(in: 1...30, using: &random)
                                let events = (0..<count).map { Self.event("w\(connection)-\(number + $0)", &random) }
                                number += count
                                let ids = try await Self.send(events, to: ingest.port, sentTwice)
                                answered.note(events.map(\.id), ids)
                                requestCount.add()
                            }
                        }
                    }
                    for _ in 1...Self.rounds {
                        let target = requestCount.count + Int.random(in: 1...Self.requestsPerRoundMax, using: &random)
                        try await eventually("\(target) requests are answered") { requestCount.count >= target }
                        try await ingest.restart()
                    }
                    goesOn.turnOff()
                    try await group.waitForAll()
                }
                try await system.awaitAllApplied()

                let model = try await OnlineModel(of: system)
                let places = Dictionary(grouping: model.entries) { $0.eventID ?? "" }
                let answers = answered.ids
                for (eventID, id) in answers {
                    let held = places[eventID] ?? []
                    #expect(held.contains { $0.touch.id.description == id }, "\(eventID) was answered with \(id)")
                }
                #expect(Set(places.keys) == Set(answers.keys))
                #expect(sentTwice.count > 0, "no request was cut off, so nothing was tried")
                try await model.check(system)
                let counts = try await HTTP.get(features.port, "/v1/stats").decode(FeaturesCounts.self)
                #expect(counts.repeated == model.repetitionCount)
                #expect(counts.consumed == model.entries.count)
            }
        }

        private struct FeaturesCounts: Decodable {
            let consumed: Int
            let repeated: Int
        }

        private static func event(_ id: String, _ random: inout SeededRandom) -> (id: String, line: String) {
            let user = Int.random(in: 1...30, using: &random)
            let item = Int.random(in: 1...60, using: &random)
            return (id, #"{"user_id": "u\#(user)", "item_id": "i\#(item)", "event_id": "\#(id)"}"#)
        }

        /// Sends until there is an answer with an id for each; what a careful producer does.
        private static func send(
            _ events: [(id: String, line: String)], to port: Int, _ sentTwice: Counter
        ) async throws -> [String] {
            let body = "[" + events.map(\.line).joined(separator: ",") + "]"
            var ids: [String] = []
            var attempts = 0
            try await eventually("\(events.count) events are answered", seconds: 30) {
                do {
                    let answer = try await HTTP.withConnection(port) { connection in
                        attempts += 1
                        return try await connection.post("/v1/events", body)
                    }
                    try #require(answer.status == 200, "\(answer.text)")
                    ids = try answer.decode(IngestAnswer.self).ids.map { try #require($0) }
                    return true
                } catch is WebClientError { return false }
            }
            if attempts > 1 { sentTwice.add() }
            return ids
        }
    }
}

/// What the producers were told.
private final class Answers: Sendable {
    private let state = Mutex<[String: String]>([:])

    /// Stream ids by event id.
    var ids: [String: String] { state.withLock { $0 } }

    func note(_ events: [String], _ ids: [String]) {
        state.withLock { state in for (event, id) in zip(events, ids) { state[event] = id } }
    }
}
