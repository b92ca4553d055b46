// POST /v1/events against a real Redis: ids in order, all or nothing, and never a yes that Redis did not say.

import Fixtures
import HTTPTypes
import Models
import NIOCore
import Redis
import Stores
import TestServers
import Testing
import WebService

@testable import EventIngest

@Suite(.serialized, .timeLimit(.minutes(2))) struct EventsRouteTests {
    private func event(_ place: Int) -> String { #"{"user_id":\#(place % 7),"item_id":\#(place),"shop":"s"}"# }

    @Test(arguments: [1, 3, 2500])
    func `ids come back in the order of the events`(count: Int) async throws {
        try await withTestBed { bed in
            let answer = try await bed.ingest().post("[\((0..<count).map(event).joined(separator: ","))]")
            #expect(answer.status == 200)
            let entries = try await bed.entries()
            #expect(entries.map(\.fields) == (0..<count).map { ["user_id=\($0 % 7)", "item_id=\($0)", "shop=s"] })
            let ids = entries.map { "\"\($0.id)\"" }.joined(separator: ",")
            #expect(answer.body == #"{"accepted":\#(count),"ids":[\#(ids)]}"#)
        }
    }

    @Test func `one object and lines are taken as well`() async throws {
        try await withTestBed { bed in
            let ingest = bed.ingest()
            let first = try await ingest.post(event(1))
            #expect(first.status == 200)
            #expect(try await ingest.post("\(event(2))\n\(event(3))\n", type: "application/x-ndjson").status == 200)
            #expect(try await ingest.post(event(4), type: "application/json; charset=utf-8").status == 200)
            #expect(try await bed.entries().map { $0.fields[1] } == (1...4).map { "item_id=\($0)" })
        }
    }

    /// A body that is refused. Some are so large that a report must not print them.
    struct Hostile: CustomTestStringConvertible {
        let name: String
        let body: String
        var type = "application/json"
        var status = 400
        var testDescription: String { name }
    }

    private static let good = #"{"user_id":1,"item_id":1}"#

    private static let hostile = [
        Hostile(name: "broken", body: "{"), Hostile(name: "nothing", body: ""), Hostile(name: "no events", body: "[]"),
        Hostile(name: "a missing field", body: #"{"user_id":1}"#),
        Hostile(name: "text", body: good, type: "text/plain", status: 415),
        Hostile(name: "a form", body: good, type: "application/x-www-form-urlencoded", status: 415),
        Hostile(name: "a form in parts", body: good, type: "multipart/form-data; boundary=x", status: 415),
        Hostile(name: "one bad of two", body: #"[\#(good),{"user_id":"\u0000","item_id":1}]"#),
        Hostile(name: "one bad line", body: "\(good)\nrubbish\n\(good)", type: "application/x-ndjson"),
        Hostile(
            name: "10,001 events", body: "[\(Array(repeating: good, count: 10_001).joined(separator: ","))]",
            status: 413),
        Hostile(name: "10 MB", body: String(repeating: "x", count: 10 << 20), status: 413),
        Hostile(name: "a million brackets", body: String(repeating: "[", count: 1_000_000)),
    ]

    @Test(arguments: hostile)
    func `hostile bodies are refused with a reason and leave nothing`(hostile: Hostile) async throws {
        try await withTestBed { bed in
            let answer = try await bed.ingest().post(hostile.body, type: hostile.type)
            #expect(answer.status == hostile.status)
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(answer.body.contains(#""detail":""#))
            #expect(answer.body.utf8.count < 20_000)
            #expect(try await bed.entries().isEmpty)
        }
    }

    @Test func `bytes that are no text are refused`() async throws {
        try await withTestBed { bed in
            let body: [UInt8] = Array(#"{"user_id":""#.utf8) + [0xFF, 0xFE] + Array(#"","item_id":1}"#.utf8)
            let answer = try await bed.ingest().execute(.post, "/v1/events", type: "application/json", body: body)
            #expect(answer.status == 400)
            #expect(answer.body.contains("the string is not UTF-8 at byte 12"))
            let without = try await bed.ingest().execute(.post, "/v1/events", body: body)
            #expect(without.status == 415)
            #expect(try await bed.entries().isEmpty)
        }
    }

    @Test func `while Redis is away the answer is no, and nothing is lost by asking again`() async throws {
        try await withTestBed(deadlineMs: 200) { bed in
            let ingest = bed.ingest()
            let body = "[\((0..<3).map(event).joined(separator: ","))]"
            await bed.server.kill()
            let refused = try await ingest.post(body)
            #expect(refused.status == 503)
            #expect(refused.headers[.retryAfter] == "1")
            #expect(refused.body.contains(#""accepted":0,"ids":[null,null,null],"missing":[0,1,2]"#))
            try await bed.server.restart()
            try await eventually("taken") { try await ingest.post(body).status == 200 }
            #expect(try await bed.entries().map { $0.fields[1] } == (0..<3).map { "item_id=\($0)" })
        }
    }

    @Test func `a Redis that takes no more says which events it has`() async throws {
        try await withTestBed(arguments: ["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"]) { bed in
            let ingest = bed.ingest(bodyBytesMax: 16 << 20)
            let long = String(repeating: "x", count: 4000)
            let count = 2500
            let body = (0..<count).map { #"{"user_id":1,"item_id":\#($0),"event_id":"e\#($0)","note":"\#(long)"}"# }
            let answer = try await ingest.post(body.joined(separator: "\n"), type: "application/x-ndjson")
            #expect(answer.status == 503)
            let problem = try JSONReader.decode(Partial.self, from: Array(answer.body.utf8))
            let entries = try await bed.entries()
            #expect(problem.accepted == entries.count)
            #expect(entries.count > 0)
            #expect(problem.ids.count == count)
            #expect(problem.ids.compactMap(\.self) == entries.map(\.id))
            #expect(problem.missing == problem.ids.indices.filter { problem.ids[$0] == nil })
            // What was confirmed is what is there.
            let items = entries.map { $0.fields[1] }
            #expect(items == problem.ids.indices.filter { problem.ids[$0] != nil }.map { "item_id=\($0)" })
        }
    }

    private struct Partial: Decodable {
        let accepted: Int
        let ids: [String?]
        let missing: [Int]
    }

    @Test func `producers wait while consumers are behind`() async throws {
        try await withTestBed { bed in
            let ingest = bed.ingest(lagCountMax: 5)
            try await bed.stores.events.createGroup(.features)
            #expect(try await ingest.post("[\((0..<6).map(event).joined(separator: ","))]").status == 200)
            await ingest.lagGuard.refresh()
            #expect(ingest.lagGuard.lag == .entries(6))
            for answer in [
                try await ingest.post(event(7)), try await ingest.execute(.post, "/put?user_id=1&item_id=1"),
            ] {
                #expect(answer.status == 429)
                #expect(answer.headers[.retryAfter] == "2")
                #expect(answer.body.contains("consumers have 6 events to catch up with, the limit is 5"))
            }
            #expect(try await bed.entries().count == 6)
            let entries = try await bed.stores.events.withReader(group: .features, consumer: "c") { reader in
                try await reader.read(countMax: 10, blockMs: 10)
            }
            // Handed out is not yet done.
            await ingest.lagGuard.refresh()
            #expect(ingest.lagGuard.lag == .entries(6))
            try await bed.stores.events.acknowledge(entries, group: .features)
            await ingest.lagGuard.refresh()
            #expect(try await ingest.post(event(7)).status == 200)
        }
    }

    @Test func `before the first consumer events are taken`() async throws {
        try await withTestBed { bed in
            let ingest = bed.ingest()
            await ingest.lagGuard.refresh()
            #expect(ingest.lagGuard.lag == .noGroup)
            #expect(try await ingest.post(event(1)).status == 200)
            await ingest.lagGuard.refresh()
            #expect(ingest.lagGuard.lag == .noGroup)
            await bed.server.kill()
            await ingest.lagGuard.refresh()
            guard case .unknown = ingest.lagGuard.lag else {
                throw NeverHappened(description: "\(ingest.lagGuard.lag)")
            }
        }
    }
}
