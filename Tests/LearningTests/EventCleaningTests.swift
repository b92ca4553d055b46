// Which events are trained on: each limit at its edge, each reason counted, and days that begin when the shop's do.

import Learning
import Models
import Testing

struct EventCleaningTests {
    private static let startMs: Int64 = 1_700_000_000_000
    private let day: OperatingDay? = OperatingDay(startHours: 0)

    /// Events of one user about one item, so many milliseconds after the start.
    private func events(_ user: String, _ type: String = "view", atMs offsets: some Sequence<Int>) -> [Interaction] {
        offsets.map { offset in
            var event = Interaction(user, "i", type, minute: 0)
            event.timestampMs = Self.startMs + Int64(offset)
            return event
        }
    }

    private func cleaning(
        _ interactions: [Interaction], properties: String = "timestamp,itemid,property,value\n",
        tree: String = "categoryid,parentid\n", startHours: Double = 0,
        _ change: (inout CleaningParameters) -> Void = { _ in }
    ) throws -> EventCleaning {
        var parameters = CleaningParameters()
        change(&parameters)
        let data = try trainingData(interactions, properties: properties, tree: tree)
        let day = try #require(OperatingDay(startHours: startHours))
        return EventCleaning(data, types: .standard, day: day, parameters: parameters)
    }

    @Test func `a user with as many events as allowed stays, and one more is a bot`() throws {
        let log =
            events("person", atMs: stride(from: 0, to: 10_000_000, by: 1_000_000))
            + events("bot", atMs: stride(from: 0, to: 11_000_000, by: 1_000_000))
        let found = try cleaning(log) { $0.bots.eventsPerUserMax = 10 }
        #expect(found.counts == [.trainedOn: 10, .bot: 11])
        #expect(found.bots[.eventsPerUser]?.users == 1)
        #expect(found.bots[.eventsPerUser]?.events == 11)
        #expect(found.bots[.eventsPerUser]?.examples == [1])
        #expect(try cleaning(log) { $0.bots.eventsPerUserMax = nil }.counts == [.trainedOn: 21])
    }

    @Test func `the limit of a day counts operating days`() throws {
        // 22:13:20 UTC is the start; four events before midnight and four after it.
        let log = events("u", atMs: stride(from: 0, to: 8, by: 1).map { 3_000_000 + $0 * 1_000_000 })
        let limit = { (parameters: inout CleaningParameters) in parameters.bots.eventsPerUserDayMax = 4 }
        #expect(try cleaning(log, limit).counts == [.trainedOn: 8])
        let shifted = try cleaning(log, startHours: 3, limit)
        #expect(shifted.counts == [.bot: 8])
        #expect(shifted.bots[.eventsPerUserDay]?.events == 8)
        #expect(try cleaning(log, startHours: 3) { $0.bots.eventsPerUserDayMax = 8 }.counts == [.trainedOn: 8])
    }

    @Test func `views without a pause are no person's, while carts and pauses interrupt nothing and everything`() throws
    {
        let limit = { (parameters: inout CleaningParameters) in parameters.bots.unpausedViewsMax = 5 }
        let unpaused = events("u", atMs: stride(from: 0, to: 6 * 999, by: 999))
        #expect(try cleaning(unpaused, limit).bots[.unpausedViews]?.events == 6)
        // The pause itself is long enough.
        let paused = events("u", atMs: stride(from: 0, to: 6 * 1_000, by: 1_000))
        #expect(try cleaning(paused, limit).counts == [.trainedOn: 6])
        let interrupted = events("u", atMs: [0, 1, 2, 3, 4, 2_000, 2_001, 2_002, 2_003, 2_004])
        #expect(try cleaning(interrupted, limit).counts == [.trainedOn: 10])
        #expect(try cleaning(unpaused + events("u", "addtocart", atMs: [10]), limit).counts == [.bot: 7])
        #expect(try cleaning(events("u", "addtocart", atMs: 0..<20), limit).counts == [.trainedOn: 20])
    }

    @Test func `without a tree no category is missing, with one it is valid only if listed`() throws {
        let log = ["listed", "unlisted", "none"].map { Interaction("u", $0, minute: 1) }
        let properties = "timestamp,itemid,property,value\n1,x,x,x\n"
            .replacing("1,x,x,x", with: "1700000000000,listed,categoryid,1\n1700000000000,unlisted,categoryid,2")
        let tree = "categoryid,parentid\n1,\n"
        let without = try cleaning(log, properties: properties) { $0.setsLastEventsAside = false }
        #expect(without.counts == [.trainedOn: 3])
        let with = try cleaning(log, properties: properties, tree: tree) { $0.setsLastEventsAside = false }
        #expect(with.counts == [.trainedOn: 1, .itemWithoutCategory: 2])
        #expect(with.itemsWithoutCategory == 2)
        // Bytewise: listed, none, unlisted.
        #expect((0..<3).map { with.isKept(item: $0) } == [true, false, false])
        let off = try cleaning(log, properties: properties, tree: tree) {
            $0.dropsItemsWithoutCategory = false
            $0.setsLastEventsAside = false
        }
        #expect(off.counts == [.trainedOn: 3])
    }

    @Test func `events after the newest property row are set aside unless they are too many`() throws {
        let properties = "timestamp,itemid,property,value\n\(Self.startMs + 80),i,anything,x\n"
        let log = events("u", atMs: stride(from: 1, through: 100, by: 1))
        let found = try cleaning(log, properties: properties)
        #expect(found.counts == [.trainedOn: 80, .setAside: 20])
        #expect(found.lastEventsAfterMs == Self.startMs + 80)
        #expect(found.keptLateEvents == 0)
        let tooMany = try cleaning(log, properties: properties) { $0.lastEventsShareMax = 0.19 }
        #expect(tooMany.counts == [.trainedOn: 100])
        #expect(tooMany.keptLateEvents == 20)
        #expect(try cleaning(log, properties: properties) { $0.setsLastEventsAside = false }.counts[.setAside] == nil)
        #expect(try cleaning(log).counts == [.trainedOn: 100])
    }

    @Test func `an operating day begins at its hour, also before 1970`() throws {
        let midnight = try #require(OperatingDay(startHours: 0))
        #expect(
            [-86_400_001, -86_400_000, -1, 0, 86_399_999, 86_400_000].map { midnight.day(ofMs: $0) }
                == [-2, -1, -1, 0, 0, 1])
        let night = try #require(OperatingDay(startHours: 2.5))
        #expect(night.day(ofMs: 9_000_000) == 0)
        #expect(night.day(ofMs: 8_999_999) == -1)
        #expect(night.startMs(ofDay: 0) == 9_000_000)
        let early = try #require(OperatingDay(startHours: -1))
        #expect(early.day(ofMs: -3_600_000) == 0)
        for day in -3...3 { #expect(night.day(ofMs: night.startMs(ofDay: day)) == day) }
        for hours in [24, -24, .nan, .infinity] { #expect(OperatingDay(startHours: hours) == nil) }
    }
}
