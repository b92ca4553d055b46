// Which answers count for their generation, and which of them are poor.

import Fixtures
import HummingbirdTesting
import Models
import Ranking
import Stores
import Telemetry
import Testing

@testable import Gateway

@Suite(.serialized, .timeLimit(.minutes(1))) struct `Poor answers` {
    @Test func `are told apart by kind`() async throws {
        try await withGateway { system in
            try await system.publish(
                TestLists(release: "r1", offline: ["1": ["o1", "o2"]], popular: ["a"]))
            let before = system.gateway.statistics.tally
            // Whole; padded; padded, short and without an offline item; and two of one side, padded and short.
            for uri in ["1?k=2", "1?k=3", "2?k=2", "1/offline?k=9", "1/online?k=9"] {
                _ = try await system.answer("/v1/recommendations/\(uri)")
            }
            // Not to be filled up, so not short.
            _ = try await system.post("/recommendations_online?user_id=1")
            let expected = AnswerTally(answers: 5, [.short: 3, .padded: 4, .unlisted: 1])
            #expect(system.gateway.statistics.tally - before == expected)
        }
    }

    @Test func `of an outage are no generation's`() {
        let statistics = GatewayStatistics(MetricsRegistry(role: "gateway"))
        let generation = GenerationSnapshot(GenerationIdentity(generation: 1, loadedAtMs: nil), popular: [])
        for rung in Rung.allCases {
            statistics.count(
                Answer(
                    user: UserID("1"), generation: generation, blend: .interleave, rung: rung, onlineAsOf: nil,
                    isStale: false, places: [], explanation: nil), wanted: 5)
        }
        // Of the four only the whole one counts, which is empty, and the one whose list alone could not be read.
        #expect(statistics.tally == AnswerTally(answers: 2, [.short: 1, .unlisted: 1, .failed: 1]))
    }
}
