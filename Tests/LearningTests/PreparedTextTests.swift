// What is written is what is read back: events, catalogue, history and forest of random shops, and the awkward ones.

import Learning
import Models
import Testing

struct PreparedTextTests {
    private func bytes(_ header: String, _ append: (inout [UInt8]) -> Int) -> (bytes: [UInt8], rows: Int) {
        var text = Array(header.utf8)
        let rows = append(&text)
        return (text, rows)
    }

    private func source(seed: UInt64) throws -> TrainingData {
        let properties = (0..<300).map { row in
            let value = (row * 7 + Int(seed)) % 4
            let property = ["available", "categoryid", "790"][row % 3]
            let text = property == "available" ? "\(value % 2)" : property == "790" ? "n\(value)e-9" : "c\(value)"
            return "\(1_700_000_000_000 + row * 3_000_000),i\(row % 31),\(property),\(text)\n"
        }
        var builder = TrainingDataBuilder(types: .standard, latestMs: .max)
        var parser = ItemPropertyParser(file: "p", numericProperty: "790")
        try parser.read(Array("timestamp,itemid,property,value\n\(properties.joined())".utf8)) { builder.add($0) }
        _ = try parser.finish { builder.add($0) }
        var tree = CategoryTreeParser(file: "t")
        try tree.read(Array("categoryid,parentid\nc0,c1\nc1,c0\nc2,gone\n".utf8)) { builder.add($0) }
        _ = try tree.finish { builder.add($0) }
        var log = EventLogParser(file: "e", types: .standard)
        let rows = randomInteractions(seed: seed).map { "\($0.timestampMs),\($0.user),\($0.type),\($0.item)\n" }
        try log.read(Array("timestamp,visitorid,event,itemid\n\(rows.joined())".utf8)) { builder.add($0) }
        _ = try log.finish { builder.add($0) }
        return builder.build()
    }

    @Test(arguments: [1, 2, 3]) func `clean data reads back as what was kept of it`(seed: UInt64) throws {
        let before = try source(seed: seed)
        let day = try #require(OperatingDay(startHours: 0))
        var parameters = CleaningParameters()
        parameters.bots.eventsPerUserMax = 100
        parameters.lastEventsShareMax = 0.5
        let cleaning = EventCleaning(before, types: .standard, day: day, parameters: parameters)
        #expect(cleaning.counts.count == 4)
        let text = PreparedText(before, cleaning: cleaning, types: .standard, numericProperty: "790")

        let users = 0..<before.interactions.users.count
        let items = 0..<before.catalogue.count
        var builder = TrainingDataBuilder(types: .standard, latestMs: .max)
        var list = ItemListParser(file: "i")
        let listed = bytes(PreparedText.itemsHeader) { text.appendItems(items, to: &$0) }
        try list.read(listed.bytes) { builder.add($0) }
        #expect(try list.finish { builder.add($0) }.rows == listed.rows)
        var properties = ItemPropertyParser(file: "p", numericProperty: "790", faultShareMax: 0)
        let changes = bytes(PreparedText.propertiesHeader) { text.appendProperties(ofItems: items, to: &$0) }
        try properties.read(changes.bytes) { builder.add($0) }
        #expect(try properties.finish { builder.add($0) }.rows == changes.rows)
        var tree = CategoryTreeParser(file: "t", faultShareMax: 0)
        let forest = bytes(PreparedText.categoriesHeader) { text.appendCategories(to: &$0) }
        try tree.read(forest.bytes) { builder.add($0) }
        #expect(try tree.finish { builder.add($0) }.rows == forest.rows)
        for fate in [EventFate.trainedOn, .setAside] {
            var log = EventLogParser(file: "e", types: .standard, faultShareMax: 0, allowsNoRows: true)
            let events = bytes(PreparedText.eventsHeader) { text.appendEvents(ofUsers: users, fate, to: &$0) }
            #expect(events.rows == cleaning.counts[fate, default: 0])
            let add = { (row: EventRow) in fate == .trainedOn ? builder.add(row) : builder.addLast(row) }
            try log.read(events.bytes, event: add)
            #expect(try log.finish(event: add).rows == events.rows)
        }
        let (after, lastEvents) = builder.buildWithLastEvents()
        #expect(after.interactions.count == cleaning.counts[.trainedOn])
        #expect(lastEvents.count == cleaning.counts[.setAside])
        #expect(lastEvents.itemCount == after.interactions.itemCount)
        #expect(lastEvents.oldestMs.map { $0 > cleaning.lastEventsAfterMs ?? .max } == true)
        #expect(after.interactions.newestMs.map { $0 <= cleaning.lastEventsAfterMs ?? 0 } == true)
        try expectSame(before, after, cleaning)
    }

    private func expectSame(_ before: TrainingData, _ after: TrainingData, _ cleaning: EventCleaning) throws {
        #expect(after.catalogue.count == before.catalogue.count - cleaning.itemsWithoutCategory)
        #expect(after.catalogue.forest.cycles == 0)
        #expect(after.catalogue.forest.orphans == 0)
        func path(_ data: TrainingData, _ category: Int?) -> [String] {
            category.map { data.catalogue.forest.path(from: $0) }?
                .map { data.catalogue.forest.categories.text(at: $0) } ?? []
        }
        for item in 0..<after.catalogue.count {
            let old = try #require(before.catalogue.items.index(of: after.catalogue.items.text(at: item)))
            #expect(after.catalogue.isAvailable(item) == before.catalogue.isAvailable(old))
            for atMs in stride(from: Int64(1_699_999_000_000), to: 1_701_000_000_000, by: 25_000_000) {
                #expect(
                    path(after, after.history.category(of: item, atMs: atMs))
                        == path(before, before.history.category(of: old, atMs: atMs)))
                #expect(
                    after.history.availability(of: item, atMs: atMs)
                        == before.history.availability(of: old, atMs: atMs))
                #expect(after.history.number(of: item, atMs: atMs) == before.history.number(of: old, atMs: atMs))
            }
        }
    }

    @Test func `ids beyond any number, one user, one item and one type are a log like any other`() throws {
        let rows = "9223372036854775808,view,18446744073709551616"
        let (events, report) = try parsed("timestamp,visitorid,event,itemid\n1700000000000,\(rows)\n")
        #expect(report.faultyRows == 0)
        #expect(events.map(\.user) == ["9223372036854775808"])
        #expect(events.map(\.item) == ["18446744073709551616"])
        let data = try trainingData(events)
        #expect(data.interactions.count == 1)
        #expect(data.interactions.oldestMs == data.interactions.newestMs)
    }
}
