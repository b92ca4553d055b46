// The archive's lines: every form that JSON allows, every way to be wrong, and each event once.

import Learning
import Models
import Testing

struct ArchivedEventParserTests {
    private func parsed(
        _ text: String, chunkBytes: Int = 65_536, share: Double = 1
    ) throws -> (
        events: [Interaction], ids: [StreamID], report: RowReport
    ) {
        let names = EventTypes.standard.orderedNames
        var events: [Interaction] = []
        var ids: [StreamID] = []
        let take = { (row: ArchivedEventRow) in
            var event = Interaction(row.event.userText, row.event.itemText, names[Int(row.event.type)], minute: 0)
            event.timestampMs = row.event.timestampMs
            events.append(event)
            ids.append(row.id)
        }
        var parser = ArchivedEventParser(file: "a.ndjson", types: .standard, faultShareMax: share)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunkBytes) {
            try parser.read(Array(bytes[start..<min(start + chunkBytes, bytes.count)]), event: take)
        }
        let report = try parser.finish(event: take)
        return (events, ids, report)
    }

    @Test(arguments: [1, 2, 7, 65_536])
    func `fields are found by name in any order, as strings or numbers, beside unknown ones`(chunkBytes: Int) throws {
        let text = """
            {"id":"1700000000000-3","user_id":"u","item_id":"i","event":"addtocart","ts":"1600000000000","v":"1"}
             { "extra" : {"user_id":"no","a":[1,{"b":"}\\""}]} , "ts":1600000000001 , "item_id" : 42,"user_id":7 ,\
            "id":"1700000000001-0", "event":null, "v":1, "event_id":null, "t":true }\r

            {"id":"1700000000002","user_id":"\\u0061\\/b","user_id":"\\u0061b","item_id":"i","x":"\\ud83d\\ude00"}
            """
        let (events, ids, report) = try parsed(text, chunkBytes: chunkBytes)
        #expect(report.rows == 3)
        #expect(report.faultyRows == 0)
        #expect(events.map(\.user) == ["u", "7", "ab"])
        #expect(events.map(\.item) == ["i", "42", "i"])
        #expect(events.map(\.type) == ["addtocart", "view", "view"])
        #expect(events.map(\.timestampMs) == [1_600_000_000_000, 1_600_000_000_001, 1_700_000_000_002])
        #expect(ids.map(\.sequence) == [3, 0, 0])
    }

    @Test(arguments: [
        ("rubbish", RowFault.json), ("{\"id\":\"1700000000000-0\"", .json), ("[]", .json), ("{} {}", .json),
        ("{\"id\":\"1700000000000-0\",\"user_id\":\"u\"x}", .json), ("{\"a\":\"\\q\"}", .json),
        ("{\"a\":\"\\u12\"}", .json), ("{\"a\":}", .json), ("{\"a\":\"no end}", .json),
        ("{\"a\":\(String(repeating: "[", count: 200))\(String(repeating: "]", count: 200))}", .json),
        ("{}", .streamID), ("{\"id\":\"x\",\"user_id\":\"u\",\"item_id\":\"i\"}", .streamID),
        ("{\"id\":\"1700000000000-0\",\"item_id\":\"i\"}", .user),
        ("{\"id\":\"1700000000000-0\",\"user_id\":{\"a\":1},\"item_id\":\"i\"}", .user),
        ("{\"id\":\"1700000000000-0\",\"user_id\":\"u\",\"item_id\":\"\"}", .item),
        ("{\"id\":\"1700000000000-0\",\"user_id\":\"u\",\"item_id\":\"\\ud800\"}", .item),
        ("{\"id\":\"1700000000000-0\",\"user_id\":\"u\",\"item_id\":\"i\",\"event\":\"click\"}", .eventType),
        ("{\"id\":\"1700000000000-0\",\"user_id\":\"u\",\"item_id\":\"i\",\"ts\":1600000000}", .seconds),
        ("{\"id\":\"1700000000000-0\",\"user_id\":\"u\",\"item_id\":\"i\",\"ts\":1.5}", .timestamp),
        ("{\"id\":\"5-0\",\"user_id\":\"u\",\"item_id\":\"i\"}", .timestamp),
        ("{\"id\":\"1700000000000-0\",\"user_id\":\"u\",\"item_id\":\"i\",\"v\":2}", .version),
    ])
    func `a broken line is passed over and counted by what is wrong with it`(line: String, fault: RowFault) throws {
        let good = "{\"id\":\"1700000000000-0\",\"user_id\":\"u\",\"item_id\":\"i\"}"
        let (events, _, report) = try parsed("\(good)\n\(line)\n\(good)")
        #expect(events.count == 2)
        #expect(report.faults == [fault: 1])
        #expect(report.lines == [fault: [2]])
        #expect(throws: LearningError.self) { try parsed("\(good)\n\(line)\n", share: 0.05) }
    }

    @Test func `a clock that ran ahead is pulled back to the arrival, as the online state does it`() throws {
        let skewMs = StreamedEvent.clockSkewMaxMs
        for claimedMs in [1_700_000_000_000 + skewMs, 1_700_000_000_000 + skewMs + 1, 1_500_000_000_000] {
            let id = StreamID(milliseconds: 1_700_000_000_000, sequence: 0)
            let (events, _, _) = try parsed(
                "{\"id\":\"\(id)\",\"user_id\":\"u\",\"item_id\":\"i\",\"ts\":\(claimedMs)}")
            let user = try #require(UserID("u"))
            let item = try #require(ItemID("i"))
            let online = StreamedEvent(id: id, event: Event(user: user, item: item, timestampMs: claimedMs))
            #expect(events.map(\.timestampMs) == [online.effectiveMs])
        }
    }

    @Test func `an event counts once, whether its id, its producer's id or its content repeats`() throws {
        func line(_ sequence: Int, _ user: String, _ item: String, _ eventID: String? = nil, ts: Int64) -> String {
            let eventID = eventID.map { ",\"event_id\":\"\($0)\"" } ?? ""
            return "{\"id\":\"1800000000000-\(sequence)\",\"user_id\":\"\(user)\",\"item_id\":\"\(item)\","
                + "\"ts\":\(ts)\(eventID)}\n"
        }
        let inLog = Interaction("u", "i", minute: 1)
        let text =
            line(0, "u", "i", ts: inLog.timestampMs) + line(1, "u", "j", "a", ts: 1_700_000_000_001)
            + line(1, "u", "k", ts: 1_700_000_000_002) + line(2, "u", "k", "a", ts: 1_700_000_000_003)
            + line(3, "v", "k", "a", ts: 1_700_000_000_004) + line(4, "u", "j", ts: 1_700_000_000_001)
        var builder = TrainingDataBuilder(types: .standard, latestMs: .max)
        var log = EventLogParser(file: "events.csv", types: .standard)
        try log.read(Array("timestamp,visitorid,event,itemid\n\(inLog.timestampMs),u,view,i\n".utf8)) {
            builder.add($0)
        }
        _ = try log.finish { builder.add($0) }
        var parser = ArchivedEventParser(file: "a", types: .standard)
        try parser.read(Array(text.utf8)) { builder.add($0) }
        _ = try parser.finish { builder.add($0) }
        #expect(builder.repeatedStreamIDs == 1)
        #expect(builder.repeatedEventIDs == 1)
        let data = builder.build()
        #expect(data.interactions.duplicates == 2)
        #expect(data.interactions.count == 3)
    }

    @Test func `users of different streams may have entries of the same id`() throws {
        var builder = TrainingDataBuilder(types: .standard, latestMs: .max)
        var parser = ArchivedEventParser(file: "a", types: .standard)
        let text = ["u", "v", "u"].map { #"{"id":"1700000000000-0","user_id":"\#($0)","item_id":"i"}"# + "\n" }
        try parser.read(Array(text.joined().utf8)) { builder.add($0) }
        _ = try parser.finish { builder.add($0) }
        #expect(builder.repeatedStreamIDs == 1)
        #expect(builder.interactionCount == 2)
    }

    @Test func `many stream ids are told apart`() throws {
        var builder = TrainingDataBuilder(types: .standard, latestMs: .max)
        var parser = ArchivedEventParser(file: "a", types: .standard)
        for round in 0..<2 {
            let text = (0..<5_000).map { index in
                "{\"id\":\"\(1_700_000_000_000 + index % 50)-\(index / 50)\",\"user_id\":\"u\",\"item_id\":\"i\(index)\"}\n"
            }
            try parser.read(Array(text.joined().utf8)) { builder.add($0) }
            #expect(builder.repeatedStreamIDs == round * 5_000)
        }
        _ = try parser.finish { builder.add($0) }
        #expect(builder.interactionCount == 5_000)
    }
}
