// What cannot be applied is put aside with its reason, and stops nobody.

import Fixtures
import Models
import NIOCore
import Redis
import Stores
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct QuarantineTests {
    private typealias Fields = [(String, RedisArgument)]

    private static let rubbish: [(fields: Fields, reason: String)] = [
        ([("item_id", "1")], "user_id: is missing"),
        ([("user_id", "1")], "item_id: is missing"),
        ([("hello", "world")], "user_id: is missing"),
        ([("user_id", ""), ("item_id", "1")], "user_id: must be"),
        ([("user_id", "a b"), ("item_id", "1")], "user_id: must be"),
        ([("user_id", "1"), ("item_id", "{x}")], "item_id: must be"),
        ([("user_id", "1"), ("item_id", .string(String(repeating: "9", count: 65)))], "item_id: must be"),
        ([("user_id", .bytes([0xFF, 0x00, 0xFE])), ("item_id", "1")], "not UTF-8"),
        ([("user_id", "1"), ("item_id", "1"), ("note", .bytes([0xC3, 0x28]))], "not UTF-8"),
        ([("user_id", "1"), ("item_id", "1"), ("event", "teleport")], "event: unknown type"),
        ([("user_id", "1"), ("item_id", "1"), ("v", "2")], "v: is 2; this build understands up to 1"),
        ([("user_id", "1"), ("item_id", "1"), ("v", "x")], "v: must be"),
        ([("user_id", "1"), ("item_id", "1"), ("ts", "yesterday")], "ts: must be"),
        ([("user_id", "1"), ("item_id", "1"), ("ts", "1700000000")], "ts: is before 1973"),
        ([("user_id", "1"), ("item_id", "1"), ("ts", "99999999999999999999")], "ts: must be"),
        ([("user_id", "1"), ("item_id", "1"), ("event_id", "")], "event_id: must be"),
        ([("user_id", .string(String(repeating: "x", count: 1 << 20))), ("item_id", "1")], "user_id: must be"),
        ((0..<5000).map { ("f\($0)", "v") }, "user_id: is missing"),
    ]

    @Test func `rubbish goes aside with its id, fields and reason while good events go on`() async throws {
        try await withTestBed { bed in
            let features = bed.features()
            try await running(features) {
                var ids: [StreamID] = []
                for (place, one) in Self.rubbish.enumerated() {
                    ids.append(try await bed.add(one.fields))
                    try await bed.add("good", "item\(place)")
                }
                try await eventually("all handled") {
                    try await bed.pendingCount() == 0
                        && features.statistics.snapshot.applied == Self.rubbish.count
                        && features.statistics.snapshot.quarantined == Self.rubbish.count
                }
                let aside = try await bed.stores.events.quarantined(countMax: 100).reversed()
                try #require(aside.count == Self.rubbish.count)
                for (entry, (id, one)) in zip(aside, zip(ids, Self.rubbish)) {
                    #expect(entry.value("_id") == id.description)
                    #expect(entry.value("_stream") == "events")
                    #expect(entry.value("_reason")?.contains(one.reason) == true, "\(entry.value("_reason") ?? "none")")
                    let isShortened = entry.value("_reason")?.contains("shortened for quarantine") == true
                    let kept = entry.fields.filter { !$0.name.hasPrefix("_") }
                    #expect(isShortened == (one.fields.count > 100 || entry.value("_reason")?.contains("1048") == true))
                    #expect(kept.count == min(one.fields.count, QuarantineLimits.fieldCountMax))
                    for (field, (name, value)) in zip(kept, one.fields) {
                        #expect(field.name == name)
                        if case .string(let text) = value { #expect(field.value == text.prefix(4096)) }
                    }
                }
                #expect(try await bed.online("good").count == 10)
                #expect(try await bed.online("1").isEmpty)
            }
        }
    }

    @Test func `a large field that is nobody's business does no harm`() async throws {
        try await withTestBed { bed in
            try await running(bed.features()) {
                try await bed.add(
                    [("user_id", "42"), ("item_id", "a"), ("note", .string(String(repeating: "x", count: 1 << 20)))])
                try await eventually("applied") { try await bed.online("42").count == 1 }
                #expect(try await bed.stores.events.quarantined(countMax: 10).isEmpty)
            }
        }
    }

    @Test func `text is cut between bytes without becoming invalid`() {
        let long = String(repeating: "ж", count: QuarantineLimits.valueBytesMax)
        let entry = EventEntry(partition: 0, id: .zero, fields: [(name: "user_id", value: "x" + long)])
        let (cut, note) = QuarantineLimits.cut(entry)
        #expect(cut.value("user_id")?.hasPrefix("xжж") == true)
        #expect((cut.value("user_id")?.utf8.count ?? 0) <= QuarantineLimits.valueBytesMax + 3)
        #expect(note.contains("1 fields, \(8 + long.utf8.count) bytes"))
    }
}
