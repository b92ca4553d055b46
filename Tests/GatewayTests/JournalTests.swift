// Test mode: each answer is in the journal with its events, lists and places; out of it, nothing is written.

import Fixtures
import FoundationEssentials
import Models
import Settings
import Telemetry
import TestServers
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct JournalTests {
    @Test func `an answer is written down with its events, its lists and its places`() async throws {
        let folder = try TemporaryFolder("journal")
        defer { folder.remove() }
        let path = folder.appending("deep/test_service.log")
        try await withGateway(
            GatewaySettings(http: HTTPSettings(port: 0), deadlineMs: 2000, journalPath: path)
        ) { gateway in
            let generation = try await gateway.publish(
                TestLists(
                    offline: ["u1": TestLists.names("o", 20)], similar: ["i1": TestLists.names("s", 3)],
                    popular: TestLists.names("p", 10)))
            try await gateway.touch("u1", "i1", "addtocart", atMs: 1_700_000_000_000, generation: generation)
            let answer = try await gateway.answer("/v1/recommendations/u1?k=5")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(
                text.contains(" user u1: 5 places by interleave, generation \(generation), served by full"), "\(text)")
            #expect(text.contains("events seen, newest first: 1\n"), "\(text)")
            #expect(text.contains("addtocart i1 at 2023-11-14T22:13:20.000Z (1700000000000-0): "), "\(text)")
            for (index, item) in answer.items.enumerated() {
                #expect(text.contains("\n    \(index + 1) \(answer.sources[index]) \(item): "), "\(text)")
            }
            #expect(text.contains("because of addtocart i1, similarity "), "\(text)")
            _ = try await gateway.get("/v1/recommendations/nobody?k=2")
            let both = try String(contentsOfFile: path, encoding: .utf8)
            #expect(both.hasPrefix(text))
            #expect(both.contains("user nobody") && both.contains("events seen, newest first: none"), "\(both)")
        }
    }

    @Test func `a journal that cannot be written stops the start, by the setting's name`() async throws {
        let settings = GatewaySettings(http: HTTPSettings(port: 0), journalPath: "/dev/null/journal")
        await #expect { try await withGateway(settings) { _ in } } throws: { "\($0)".contains("TEST_LOG") }
    }

    @Test func `a journal does not grow for ever`() throws {
        let folder = try TemporaryFolder("journal")
        defer { folder.remove() }
        let path = folder.appending("a.log")
        let file = try JournalFile(path: path, bytesMax: 20)
        for number in 1...5 { file.append("entry \(number)\n") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "entry 5\n")
        #expect(try String(contentsOfFile: "\(path).1", encoding: .utf8) == "entry 3\nentry 4\n")
        // What was there before a restart is kept.
        try JournalFile(path: path).append("entry 6\n")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "entry 5\nentry 6\n")
    }

    @Test func `the journal is off unless it is asked for`() {
        #expect(GatewaySettings().journalPath == nil)
    }
}
