// From an entry on the stream to the user's hash, through the running service.

import Fixtures
import Models
import NIOCore
import Redis
import Settings
import Stores
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct EventConsumerTests {
    @Test func `an event leaves the touched item with its similar items`() async throws {
        try await withTestBed { bed in
            let generation = try await bed.activate(["10": "11:0.5 12:0.25"])
            try await running(bed.features()) {
                let id = try await bed.add("42", "10", id: "1700000000000-7")
                try await eventually("applied and acknowledged") {
                    try await bed.stores.events.isDone(id, of: try #require(UserID("42")), group: .features)
                }
                #expect(
                    try await bed.online("42")
                        == ["10": "1700000000000 1700000000000-7 view \(generation) 11:0.5 12:0.25"])
                let ttl = try await bed.client.send(TTL("online:{42}"))
                #expect(ttl == .seconds(30 * 86_400) || ttl == .seconds(30 * 86_400 - 1))
            }
        }
    }

    @Test func `an item without similar items still gets its field`() async throws {
        try await withTestBed { bed in
            let generation = try await bed.activate(["10": "11:0.5"])
            try await running(bed.features()) {
                try await bed.add("42", "unknown", id: "1700000000000-0")
                try await eventually("applied") {
                    try await bed.online("42") == ["unknown": "1700000000000 1700000000000-0 view \(generation) "]
                }
            }
        }
    }

    @Test func `without a generation events are applied with empty lists, and filled by the first one`() async throws {
        try await withTestBed { bed in
            try await running(bed.features()) {
                let id = try await bed.add("42", "10")
                try await eventually("applied") {
                    try await bed.online("42") == ["10": "\(id.milliseconds) \(id) view 0 "]
                }
                let generation = try await bed.activate(["10": "11:0.5"])
                try await eventually("filled") {
                    try await bed.online("42") == ["10": "\(id.milliseconds) \(id) view \(generation) 11:0.5"]
                }
            }
        }
    }

    @Test func `entries that were on the stream before the first consumer are applied`() async throws {
        try await withTestBed { bed in
            for place in 0..<1000 { try await bed.add("user\(place % 10)", "item\(place)") }
            try await running(bed.features()) {
                // Between two batches nothing is pending either, so what was not handed out yet counts too.
                try await eventually("all applied") {
                    let progress = try await bed.stores.events.progress()
                    return !progress.isEmpty && progress.allSatisfy { $0.pending == 0 && $0.lag == 0 }
                }
            }
            for user in 0..<10 {
                let expected = (90..<100).map { "item\($0 * 10 + user)" }
                #expect(Set(try await bed.online("user\(user)").keys) == Set(expected))
            }
        }
    }

    @Test func `all fields of an event have their effect`() async throws {
        try await withTestBed { bed in
            let features = bed.features()
            try await running(features) {
                let streamMs: Int64 = 1_700_000_000_000
                let user: (String, RedisArgument) = ("user_id", "42")
                // The newer touch came first; the older one changes nothing.
                try await bed.add(
                    [user, ("item_id", "a"), ("event", "transaction"), ("ts", "1699999999000"), ("v", "1")],
                    id: "\(streamMs)-0")
                try await bed.add([user, ("item_id", "a"), ("ts", "1699999998000")], id: "\(streamMs)-1")
                // A clock that runs ahead is pulled back; one that runs ahead a little is believed.
                try await bed.add([user, ("item_id", "b"), ("ts", "1800000000000")], id: "\(streamMs)-2")
                try await bed.add([user, ("item_id", "c"), ("ts", "1700000060000")], id: "\(streamMs)-3")
                // The same event twice, and a field that is nobody's business.
                try await bed.add([user, ("item_id", "d"), ("event_id", "e1"), ("shop", "7")], id: "\(streamMs)-4")
                try await bed.add([user, ("item_id", "d"), ("event_id", "e1")], id: "\(streamMs)-5")
                try await eventually("all read") { features.statistics.snapshot.consumed == 6 }
                try await eventually("all acknowledged") { try await bed.pendingCount() == 0 }
                #expect(
                    try await bed.online("42") == [
                        "a": "1699999999000 1700000000000-0 transaction 0 ",
                        "b": "1700000000000 1700000000000-2 view 0 ",
                        "c": "1700000060000 1700000000000-3 view 0 ",
                        "d": "1700000000000 1700000000000-4 view 0 ",
                    ])
                let counts = features.statistics.snapshot
                #expect([counts.applied, counts.older, counts.repeated, counts.clamped] == [4, 1, 1, 1])
                #expect(counts.lastApplied == StreamID("1700000000000-5"))
            }
        }
    }

    @Test func `types by configuration are applied`() async throws {
        try await withTestBed { bed in
            let events = EventSettings(types: EventTypes(weights: ["view": 1, "like": 5]))
            try await running(bed.features(events: events)) {
                try await bed.add([("user_id", "42"), ("item_id", "a"), ("event", "like")], id: "1700000000000-0")
                try await bed.add([("user_id", "42"), ("item_id", "b"), ("event", "addtocart")], id: "1700000000000-1")
                try await eventually("both handled") {
                    try await bed.stores.events.quarantined(countMax: 10).count == 1
                }
                #expect(Array(try await bed.online("42").keys) == ["a"])
            }
        }
    }

    @Test func `several streams are read by one consumer`() async throws {
        try await withTestBed(partitions: 4) { bed in
            let entries = try (0..<200).map { place in
                (
                    user: try #require(UserID("user\(place)")),
                    fields: [(name: "user_id", value: "user\(place)"), (name: "item_id", value: "i")]
                )
            }
            for result in await bed.stores.events.append(entries) { _ = try result.get() }
            for partition in 0..<4 { #expect(try await bed.client.send(XLEN("events:\(partition)")) > 0) }
            try await running(bed.features(events: EventSettings(partitions: 4))) {
                try await eventually("all applied") {
                    for place in 0..<200 where try await bed.online("user\(place)").isEmpty { return false }
                    return try await bed.pendingCount() == 0
                }
            }
        }
    }

    @Test func `a user whose key is not ours stops nobody`() async throws {
        try await withTestBed { bed in
            _ = try await bed.client.send(SET("online:{bad}", "mine"))
            try await running(bed.features()) {
                let bad = try await bed.add("bad", "a")
                try await bed.add("good", "a")
                try await eventually("the good one applied") { try await bed.online("good").count == 1 }
                try await eventually("nothing pending") { try await bed.pendingCount() == 0 }
                let aside = try #require(try await bed.stores.events.quarantined(countMax: 10).first)
                #expect(aside.value("_id") == bad.description)
                #expect(aside.value("_reason")?.contains("could not be applied") == true)
            }
        }
    }
}
