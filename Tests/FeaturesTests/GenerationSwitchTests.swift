// A generation becomes live: new events use it, the instance says so, and what users touched before is re-derived.

import Fixtures
import Models
import Redis
import Stores
import Telemetry
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct GenerationSwitchTests {
    private func values(_ bed: TestBed, _ user: String) async throws -> [String] {
        try await bed.online(user).map {
            "\($0.key) \($0.value.split(separator: " ").dropFirst(3).joined(separator: " "))"
        }
        .sorted()
    }

    @Test func `a switch is acknowledged, used by new events, and reaches touches made before`() async throws {
        try await withTestBed { bed in
            let first = try await bed.activate(["a": "x:1", "b": "x:2"])
            try await running(bed.features("features@test:1")) {
                try await bed.add("42", "a")
                try await bed.add("42", "b")
                try await eventually("applied") { try await bed.online("42").count == 2 }
                let before = try await bed.online("42")
                let second = try await bed.activate(["a": "y:1", "c": "y:3"])
                try await eventually("acknowledged") {
                    try await bed.stores.instances.acknowledgements(of: second)["features@test:1"] != nil
                }
                try await bed.add("43", "c")
                try await eventually("the new event uses it") { try await values(bed, "43") == ["c \(second) y:3"] }
                try await eventually("swept") { try await values(bed, "42") == ["a \(second) y:1", "b \(second)"] }
                // Only the generation and the list have changed.
                for (item, value) in try await bed.online("42") {
                    let touch = value.split(separator: " ").prefix(3)
                    #expect(before[item]?.split(separator: " ").prefix(3) == touch)
                }
                _ = try await bed.stores.generations.rollBack(nowMs: UTCTime.nowMs())
                try await eventually("swept back") {
                    try await values(bed, "42") == ["a \(first) x:1", "b \(first) x:2"]
                }
            }
        }
    }

    @Test func `a sweep reaches every active user, page by page`() async throws {
        try await withTestBed { bed in
            let first = try await bed.activate(["a": "x:1"])
            let userCount = 3000
            // Many users of one millisecond, and every page ends within such a crowd.
            let updates = try (0..<userCount).map { place in
                let event = Event(user: try #require(UserID("u\(place)")), item: try #require(ItemID("a")))
                let id = StreamID(
                    milliseconds: UInt64(UTCTime.nowMs()) - 5000 + UInt64(place / 300), sequence: UInt64(place))
                return OnlineUpdate(event: StreamedEvent(id: id, event: event), generation: first, similar: nil)
            }
            _ = await bed.stores.online.apply(updates, itemsMax: 10, ttlSeconds: 600)
            let activeMs = updates.map { ($0.event.event.user, Int64($0.event.id.milliseconds)) }
            try await bed.stores.online.markActive(Dictionary(uniqueKeysWithValues: activeMs), nowMs: UTCTime.nowMs())
            let live = LiveGeneration(bed.stores.generations)
            let second = try await bed.activate(["a": "y:1"])
            try await live.refresh()
            let sweep = OnlineSweep(
                stores: bed.stores, live: live, activity: ActivityLog(bed.stores.online), logger: TestBed.quietLogger)
            await sweep.run(second)
            for place in 0..<userCount {
                #expect(try await values(bed, "u\(place)") == ["a \(second) y:1"])
            }
        }
    }

    @Test func `a sweep ends when another generation is live, and one damaged user does not end it`() async throws {
        try await withTestBed { bed in
            let first = try await bed.activate(["a": "x:1"])
            let live = LiveGeneration(bed.stores.generations)
            let activity = ActivityLog(bed.stores.online)
            _ = try await bed.client.send(SET("online:{bad}", "mine"))
            let users = try ["bad", "good"].map { try #require(UserID($0)) }
            try await bed.stores.online.markActive(
                Dictionary(uniqueKeysWithValues: users.map { ($0, UTCTime.nowMs()) }), nowMs: UTCTime.nowMs())
            let id = StreamID(milliseconds: 1_700_000_000_000, sequence: 0)
            let event = StreamedEvent(id: id, event: Event(user: users[1], item: try #require(ItemID("a"))))
            _ = await bed.stores.online.apply(
                [OnlineUpdate(event: event, generation: 0, similar: nil)], itemsMax: 10, ttlSeconds: 60)
            try await live.refresh()
            let sweep = OnlineSweep(stores: bed.stores, live: live, activity: activity, logger: TestBed.quietLogger)
            await sweep.run(first + 1)
            #expect(try await values(bed, "good") == ["a 0"])
            await sweep.run(first)
            #expect(try await values(bed, "good") == ["a \(first) x:1"])
        }
    }

    @Test func `an instance is alive while it runs and leaves when it stops`() async throws {
        try await withTestBed { bed in
            try await running(bed.features("features@test:1")) {
                try await eventually("alive") {
                    try await bed.stores.instances.alive(nowMs: UTCTime.nowMs()) == ["features@test:1"]
                }
            }
            #expect(try await bed.stores.instances.alive(nowMs: UTCTime.nowMs()).isEmpty)
        }
    }

    @Test func `a batch under way holds its generation`() async throws {
        try await withTestBed { bed in
            let first = try await bed.activate([:])
            let live = LiveGeneration(bed.stores.generations)
            #expect(live.begin() == 0)
            live.end(0)
            try await live.refreshIfUnknown()
            let due = try #require(live.unacknowledged)
            #expect(due.generation == first)
            live.noteAcknowledged(due)
            #expect(live.unacknowledged == nil)
            #expect(live.begin() == first)
            let second = try await bed.activate([:])
            // What is known is not asked for again by a batch.
            try await live.refreshIfUnknown()
            #expect(live.current == first)
            try await live.refresh()
            #expect(live.begin() == second)
            #expect(!live.isAlone)
            live.end(first)
            #expect(live.isAlone)
            live.end(second)
            #expect(live.isAlone)
        }
    }
}
