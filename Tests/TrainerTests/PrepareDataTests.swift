// Data preparation over real files in a real store: what it writes, when it does it again, what a crash leaves, and what
// it says about files that are not what they seem.

import Learning
import Models
import ObjectStore
import SampleData
import Stores
import Synchronization
import Testing
import Trainer

@Suite(.timeLimit(.minutes(1)))
struct PrepareDataTests {
    private static let log = """
        timestamp,visitorid,event,itemid,transactionid
        1700000000000,u,view,i,
        1700000000000,u,view,i,
        1700000001000,v,addtocart,j,
        1700000002000,v,view,k,
        1700000090000,u,view,i,
        1900000000000,u,view,i,

        """
    private static let properties = """
        timestamp,itemid,property,value
        1700000000000,i,categoryid,1
        1700000050000,i,available,0
        1700000000000,i,790,n12.000
        1700000050000,j,categoryid,2
        1700000060000,j,888,anything

        """
    private static let tree = "categoryid,parentid\n1,2\n2,\n3,9\n"

    private func parameters(_ change: (inout PreparationParameters) -> Void = { _ in }) -> PreparationParameters {
        var parameters = PreparationParameters()
        parameters.numericProperty = "790"
        parameters.cleaning.lastEventsShareMax = 0.5
        change(&parameters)
        return parameters
    }

    private func fill(_ shop: Shop) async throws {
        try await shop.put("events.csv", Self.log)
        try await shop.put("item_properties_part1.csv", Self.properties)
        try await shop.put("category_tree.csv", Self.tree)
    }

    @Test func `clean events, last events, the catalogue, its changes and a report are written and read back`()
        async throws
    {
        try await withShop { shop in
            try await fill(shop)
            let found = try await shop.prepare(parameters: parameters())
            #expect(!found.isReused)
            let header = "timestamp,user_id,event,item_id"
            #expect(
                try await shop.lines(.events, of: found) == [
                    header, "1700000000000,u,view,i", "1700000001000,v,addtocart,j",
                ])
            #expect(try await shop.lines(.lastEvents, of: found) == [header, "1700000090000,u,view,i"])
            #expect(
                try await shop.lines(.items, of: found) == ["item_id,available,categories", "i,0,1 2", "j,1,2"])
            #expect(
                try await shop.lines(.itemProperties, of: found) == [
                    "timestamp,itemid,property,value", "1700000000000,i,categoryid,1", "1700000050000,i,available,0",
                    "1700000000000,i,790,12.0", "1700000050000,j,categoryid,2",
                ])
            #expect(try await shop.lines(.categoryTree, of: found) == ["categoryid,parentid", "1,2", "2,", "3,"])

            #expect(found.data.interactions.count == 2)
            #expect(found.lastEvents.count == 1)
            let item = try #require(found.data.catalogue.items.index(of: "i"))
            #expect(!found.data.catalogue.isAvailable(item))
            #expect(found.data.history.isAvailable(item, atMs: 1_700_000_049_999))
            #expect(found.data.history.number(of: item, atMs: 1_700_000_000_000) == 12)
            #expect(found.data.catalogue.categoryPath(of: item).count == 2)
            expectCounts(found.report)
            #expect(try await shop.objects.exists("infer_data/\(found.manifest.preparation)/report.json"))
        }
    }

    private func expectCounts(_ report: PreparationReport) {
        #expect(report.events.read == 6)
        #expect(report.events.afterPresent == 1)
        #expect(report.events.duplicates == 1)
        #expect(report.events.withoutCategory == 1)
        #expect(report.events.setAside == 1)
        #expect(report.events.trainedOn == 2)
        #expect(report.events.bots.isEmpty)
        #expect(report.events.window?.operatingDays == 1)
        #expect(report.items.named == 3)
        #expect(report.items.kept == 2)
        #expect(report.items.withoutCategoryExamples == ["k"])
        #expect(report.categories.orphanExamples == ["3"])
        #expect(report.categories.depthMax == 1)
        #expect(report.inputs.map(\.rows) == [3, 6, 5])
        #expect(report.inputs.first?.sha256 == SHA256Hasher.hex(of: Array(Self.tree.utf8)))
        #expect(report.warnings.count == 2)
    }

    @Test func `unchanged files and parameters are not prepared again, anything else is`() async throws {
        try await withShop { shop in
            try await fill(shop)
            let first = try await shop.prepare(parameters: parameters())
            let again = try await shop.prepare(parameters: parameters())
            #expect(again.isReused)
            #expect(again.manifest == first.manifest)
            #expect(again.report == first.report)
            #expect(again.data.interactions.count == first.data.interactions.count)

            let other = try await shop.prepare(parameters: parameters { $0.cleaning.bots.pauseMinMs = 1 })
            #expect(!other.isReused)
            try await shop.put("category_tree.csv", Self.tree)
            #expect(try await !shop.prepare(parameters: parameters { $0.cleaning.bots.pauseMinMs = 1 }).isReused)
            #expect(try await !shop.prepare(isForced: true).isReused)
            try await shop.put("notes.txt", "not a log")
            #expect(try await shop.prepare().isReused)
            try await shop.put("events_2.csv", Self.log)
            #expect(try await !shop.prepare().isReused)
        }
    }

    @Test func `weights of event types are no reason to prepare again, and are the new ones all the same`() async throws
    {
        try await withShop { shop in
            try await fill(shop)
            _ = try await shop.prepare()
            var weighty = PreparationParameters()
            weighty.types = EventTypes(weights: ["view": 7, "addtocart": 8, "transaction": 9])
            let found = try await shop.prepare(parameters: weighty)
            #expect(found.isReused)
            #expect(found.data.interactions.typeWeights == [8, 9, 7])
        }
    }

    @Test func `what was in the future is prepared once it is the present`() async throws {
        try await withShop { shop in
            try await fill(shop)
            #expect(try await shop.prepare(parameters: parameters()).manifest.knownUntilMs == 1_900_000_000_000)
            #expect(try await shop.prepare(nowMs: 1_899_999_999_999, parameters: parameters()).isReused)
            let later = try await shop.prepare(nowMs: 1_900_000_000_000, parameters: parameters())
            #expect(!later.isReused)
            #expect(later.report.events.afterPresent == 0)
            // Before its newest row the data would have been others.
            #expect(try await !shop.prepare(parameters: parameters()).isReused)
        }
    }

    @Test func `a run that ends halfway leaves the last good state, and the next one clears up`() async throws {
        try await withShop { shop in
            try await fill(shop)
            let good = try await shop.prepare(parameters: parameters())
            try await shop.put("events_2.csv", "timestamp,visitorid,event,itemid\n1700000003000,w,view,j\n")
            let run = Mutex<Task<PreparedData, any Error>?>(nil)
            let (start, starter) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                for await _ in start { break }
                return try await shop.prepare(nowMs: Shop.nowMs + 1, parameters: parameters()) { progress in
                    if progress.fraction > 0.88 { run.withLock { $0?.cancel() } }
                }
            }
            run.withLock { $0 = task }
            starter.finish()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            #expect(try await shop.prepared.manifest() == good.manifest)
            #expect(try await shop.preparedNames().contains { $0.hasPrefix("infer_data/p\(Shop.nowMs + 1)") })
            #expect(try await shop.lines(.events, of: good).count == 3)

            let next = try await shop.prepare(nowMs: Shop.nowMs + 2, parameters: parameters())
            #expect(next.report.events.trainedOn == 3)
            let folders = Set(try await shop.preparedNames().map { $0.split(separator: "/")[1] })
            #expect(
                folders == [
                    Substring(good.manifest.preparation), Substring(next.manifest.preparation), "manifest.json",
                ])
        }
    }

    @Test(arguments: ["events.csv.gz", "report.json", "category_tree.csv.gz"])
    func `prepared files that were changed or removed are prepared again`(name: String) async throws {
        try await withShop { shop in
            try await fill(shop)
            let first = try await shop.prepare(parameters: parameters())
            let key = "infer_data/\(first.manifest.preparation)/\(name)"
            try await shop.objects.put(key, bytes: Gzip.compress(Array("timestamp,user_id,event,item_id\n".utf8)))
            #expect(try await !shop.prepare(parameters: parameters()).isReused)
            try await shop.objects.delete(key)
            #expect(try await !shop.prepare(parameters: parameters()).isReused)
            try await shop.objects.put("infer_data/manifest.json", bytes: Array("{}".utf8))
            #expect(try await !shop.prepare(parameters: parameters()).isReused)
        }
    }

    @Test func `archived events are merged in once each`() async throws {
        try await withShop { shop in
            try await fill(shop)
            let known = #"{"id":"1700000000005-0","user_id":"u","item_id":"i","event":"view","ts":"1700000000000"}"#
            let new = #"{"id":"1700000004000-0","user_id":"w","item_id":"j","event_id":"e","unknown":{"x":1}}"#
            let repeated = #"{"id":"1700000004500-0","user_id":"w","item_id":"j","event_id":"e"}"#
            try await shop.archive("2023/1.ndjson.gz", "\(known)\n\(new)\n")
            try await shop.archive("2023/2.ndjson", "\(new)\n\(repeated)\nbroken")
            try await shop.archive("readme.txt", "no events")
            let found = try await shop.prepare(parameters: parameters { $0.badRowShareMax = 0.4 })
            // From the first archived event on nothing is set aside: the newest events are what lists are for.
            #expect(found.report.events.setAside == 0)
            #expect(found.report.events.trainedOn == 4)
            #expect(found.report.events.duplicates == 2)
            #expect(found.report.events.repeatedStreamIds == 1)
            #expect(found.report.events.repeatedEventIds == 1)
            let archive = found.report.inputs.filter { $0.kind == "archive" }
            #expect(archive.map(\.name) == ["2023/1.ndjson.gz", "2023/2.ndjson"])
            #expect(archive.last?.faults.map(\.firstLines) == [[3]])
            #expect(try await shop.lines(.events, of: found).last == "1700000004000,w,view,j")
        }
    }

    @Test func `bots are left out, counted and named`() async throws {
        try await withShop { shop in
            let rows = (0..<20).map { "\(1_700_000_000_000 + $0),bot,view,i\($0)\n" }.joined()
            try await shop.put(
                "events.csv", "timestamp,visitorid,event,itemid\n\(rows)1700000000000,u,view,i1\n")
            let found = try await shop.prepare(parameters: parameters { $0.cleaning.bots.unpausedViewsMax = 10 })
            let bots = try #require(found.report.events.bots.first)
            #expect(bots.limit == "unpaused_views")
            #expect(bots.users == 1)
            #expect(bots.events == 20)
            #expect(bots.examples == ["bot"])
            #expect(found.data.interactions.users.count == 1)
            #expect(found.data.catalogue.count == 20)
            let error = await #expect(throws: TrainerError.self) {
                _ = try await shop.prepare(parameters: parameters { $0.cleaning.bots.eventsPerUserMax = 0 })
            }
            #expect(error?.message.hasPrefix("none of the 21 events can be trained on: 21 are of bot-like") == true)
        }
    }

    @Test func `events that outlive the properties by far are kept, with a warning`() async throws {
        try await withShop { shop in
            try await fill(shop)
            let found = try await shop.prepare(parameters: parameters { $0.cleaning.lastEventsShareMax = 0.1 })
            #expect(found.report.events.setAside == 0)
            #expect(found.report.events.trainedOn == 3)
            #expect(found.lastEvents.count == 0)
            #expect(found.report.warnings.contains { $0.hasPrefix("1 of 4 events are later than the newest property") })
        }
    }

    @Test(arguments: 0..<8) func `a setting out of its range is refused before anything is read`(
        wrong: Int
    ) async throws {
        let changed = parameters { parameters in
            switch wrong {
            case 0: parameters.badRowShareMax = -0.1
            case 1: parameters.cleaning.lastEventsShareMax = .nan
            case 2: parameters.cleaning.bots.eventsPerUserDayMax = -1
            case 3: parameters.cleaning.bots.pauseMinMs = -1
            case 4: parameters.numericProperty = "a,b"
            case 5: parameters.numericProperty = "available"
            case 6: parameters.numericProperty = ""
            default: parameters.cleaning.operatingDayStartHours = 24
            }
        }
        try await withShop { shop in
            try await fill(shop)
            await #expect(throws: TrainerError.self) { _ = try await shop.prepare(parameters: changed) }
            #expect(try await shop.preparedNames().isEmpty)
        }
    }

    @Test func `progress never falls`() async throws {
        let parameters = try SampleDataParameters(users: 300, items: 120, events: 5_000, days: 40)
        let heard = Mutex<[TrainingProgress]>([])
        try await withShop { shop in
            try await shop.put(SampleData(parameters))
            let found = try await shop.prepare { progress in heard.withLock { $0.append(progress) } }
            #expect(found.data.interactions.count == found.report.events.trainedOn)
            #expect(found.data.interactions.count > 4_000)
        }
        let progress = heard.withLock { $0 }
        #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.fraction <= $1.fraction })
        #expect(Set(progress.map(\.step)) == [.read, .prepare])
    }
}
