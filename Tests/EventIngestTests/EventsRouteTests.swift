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

@Suite(.timeLimit(.minutes(1))) struct EventsRouteTests {
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
            #expect(try await ingest.post(event(1)).status == 200)
            #expect(try await ingest.post("\(event(2))\n\(event(3))\n", type: "application/x-ndjson").status == 200)
            #expect(try await ingest.post(event(4), type: "application/json; charset=utf-8").status == 200)
            #expect(try await bed.entries().map { $0.fields[1] } == (1...4).map { "item_id=\($0)" })
        }
    }

    @Test(arguments: [
        ("{", "application/json", 400), ("[]", "application/json", 400), ("", "application/json", 400),
        (#"{"user_id":1}"#, "application/json", 400), (#"{"user_id":1,"item_id":1}"#, "text/plain", 415),
        (#"{"user_id":1,"item_id":1}"#, "application/x-www-form-urlencoded", 415),
        (#"{"user_id":1,"item_id":1}"#, "multipart/form-data; boundary=x", 415),
        (#"[{"user_id":1,"item_id":1},{"user_id":"\u0000","item_id":1}]"#, "application/json", 400),
        ("{\"user_id\":1,\"item_id\":1}\nrubbish\n{\"user_id\":1,\"item_id\":1}", "application/x-ndjson", 400),
        ("[" + Array(repeating: #"{"user_id":1,"item_id":1}"#, count: 10_001).joined(separator: ",") + "]", "application/json", 413),
        (String(repeating: "x", count: 10 << 20), "application/json", 413),
        (String(repeating: "[", count: 1_000_000), "application/json", 400),
    ])
    func `hostile bodies are refused with a reason and leave nothing`(body: String, type: String, status: Int) async throws {
        try await withTestBed { bed in
            let answer = try await bed.ingest().post(body, type: type)
            #expect(answer.status == status)
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
            guard case .unknown = ingest.lagGuard.lag else { throw NeverHappened(description: "\(ingest.lagGuard.lag)") }
        }
    }
}
