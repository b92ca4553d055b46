// A whole run over real files in a real store: what a release holds, that it is repeatable, and that a run which fails
// or is cancelled leaves no release behind.

import Learning
import Models
import ObjectStore
import SampleData
import Stores
import Synchronization
import Testing
import Trainer

@Suite(.timeLimit(.minutes(1)))
struct CalculateRecommendationsTests {
    static let sample = try? SampleDataParameters(users: 300, items: 120, events: 5_000, days: 40)

    @Test func `a release holds all four lists, as its manifest counts them, sorted and clean`() async throws {
        let sample = SampleData(try #require(Self.sample))
        try await withShop { shop in
            try await shop.put(sample)
            let manifest = try await shop.run()
            #expect(try await shop.releases.names() == [manifest.release])
            #expect(try await shop.releases.manifest(of: manifest.release) == manifest)
            #expect(manifest.release.hasPrefix("r20260528T202640Z-"))
            #expect(manifest.createdAtMs == Shop.nowMs)
            let prepared = try await shop.prepare()
            #expect(prepared.isReused)
            #expect(manifest.metrics["interactions"] == Double(prepared.report.events.trainedOn))
            #expect(manifest.parameters["preparation"] == prepared.manifest.preparation)
            #expect(try await shop.training.models.manifest(in: .inUse)?.model == manifest.parameters["model"])
            #expect(manifest.metrics["items"] == 120)

            let items = try await shop.rows(.items, of: manifest)
            #expect(items.header == "item_id,available,categories")
            #expect(items.rows.map { $0[0] } == (1...120).map { "\($0)" }.sorted())
            #expect(items.rows.allSatisfy { !$0[2].isEmpty })
            let unavailable = Set(items.rows.filter { $0[1] == "0" }.map { $0[0] })
            #expect(!unavailable.isEmpty)
            try expectCounts(manifest, .items, rows: items.rows, lists: items.rows.count)

            for (list, header) in [
                (ReleaseList.offline, "user_id,item_id,score"), (.similar, "item_id,similar_item_id,score"),
                (.popular, "category,item_id,score"),
            ] {
                let file = try await shop.rows(list, of: manifest)
                #expect(file.header == header)
                #expect(file.rows.count > 100)
                #expect(file.rows.allSatisfy { !unavailable.contains($0[1]) })
                try expectCounts(manifest, list, rows: file.rows, lists: Set(file.rows.map { $0[0] }).count)
                try expectListsInOrder(file.rows)
            }
            #expect(try await shop.rows(.similar, of: manifest).rows.allSatisfy { $0[0] != $0[1] })
            let overall = try await shop.rows(.popular, of: manifest).rows.filter { $0[0].isEmpty }
            #expect(overall.count == 120 - unavailable.count)
            try await expectNothingTouched(shop, manifest)
        }
    }

    @Test func `the same data, parameters and time make the same bytes and name, others do not`() async throws {
        let parameters = try #require(Self.sample)
        let first = try await manifest(of: SampleData(parameters))
        #expect(try await manifest(of: SampleData(parameters)) == first)
        let other = try SampleDataParameters(users: 300, items: 120, events: 5_000, days: 40, seed: 2)
        #expect(try await manifest(of: SampleData(other)).release != first.release)
        var settings = Shop.quick
        settings.similar.shrinkage = 1
        #expect(try await manifest(of: SampleData(parameters), settings).release != first.release)
    }

    @Test func `compressed source files, in several parts, make the same lists`() async throws {
        let sample = SampleData(try #require(Self.sample))
        let plain = try await manifest(of: sample)
        let split = try await withShop { shop in
            try await shop.put(sample, withEvents: false)
            let text = sample.events().reduce(into: [UInt8]()) { $0 += $1 }
            let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
            let header = Array(lines[0])
            for (part, rows) in [lines[2_000...], lines[1..<2_000]].enumerated() {
                var gzip = Gzip()
                let body = rows.reduce(header) { $0 + [UInt8(ascii: "\n")] + $1 }
                let bytes = gzip.compress(body) + gzip.finish()
                try await shop.source.write("events_\(part).csv.gz", chunks: [bytes])
            }
            try await shop.put("notes.txt", "not a log")
            return try await shop.run()
        }
        for list in [ReleaseList.similar, .popular, .items] { #expect(split.file(list) == plain.file(list)) }
        // Users stand in the order of the log's first naming them, so only the order of their lists differs.
        #expect(split.file(.offline)?.lists == plain.file(.offline)?.lists)
    }

    @Test func `progress never falls, names every step and ends at 1`() async throws {
        let sample = SampleData(try #require(Self.sample))
        let heard = Mutex<[TrainingProgress]>([])
        try await withShop { shop in
            try await shop.put(sample)
            _ = try await shop.run { progress in heard.withLock { $0.append(progress) } }
        }
        let progress = heard.withLock { $0 }
        #expect(zip(progress, progress.dropFirst()).allSatisfy { $0.fraction <= $1.fraction })
        #expect(Set(progress.map(\.step)) == Set(TrainingStep.allCases).subtracting([.search]))
        #expect(progress.contains { $0.secondsLeft != nil })
        #expect(progress.last?.fraction == 1)
        #expect(progress.first?.fraction == 0)
    }

    @Test(arguments: TrainingStep.allCases.filter { $0 != .search })
    func `a run that is cancelled leaves no release, and the next one makes it`(step: TrainingStep) async throws {
        let sample = SampleData(try #require(Self.sample))
        try await withShop { shop in
            try await shop.put(sample)
            let running = Mutex<Task<ReleaseManifest, any Error>?>(nil)
            let (start, starter) = AsyncStream.makeStream(of: Void.self)
            let run = Task {
                for await _ in start { break }
                return try await shop.run { progress in
                    if progress.step == step, progress.fraction < 1 { running.withLock { $0?.cancel() } }
                }
            }
            // The run waits until it can be cancelled.
            running.withLock { $0 = run }
            starter.finish()
            await #expect(throws: CancellationError.self) { try await run.value }
            #expect(try await shop.releases.names().isEmpty)
            let made = try await shop.run()
            #expect(try await shop.releases.names() == [made.release])
        }
    }

    @Test func `without a log there is an error that says what to do`() async throws {
        try await withShop { shop in
            let error = await #expect(throws: TrainerError.self) { try await shop.run() }
            #expect(error?.message.contains("freshet sample-data") == true)
        }
    }

    @Test func `a broken file is named, and no release comes of it`() async throws {
        try await withShop { shop in
            try await shop.put("events.csv", "timestamp,visitorid,event,itemid\n1700000000,u,view,i\n")
            let error = await #expect(throws: LearningError.self) { try await shop.run() }
            #expect(error?.file == "events.csv")
            #expect(error?.line == 2)
            #expect(try await shop.releases.names().isEmpty)
        }
    }

    @Test func `events from the future are left out and counted, and a log of nothing else is refused`() async throws {
        try await withShop { shop in
            let log = "ts,user_id,event,item_id\n1700000000000,u,view,i\n1900000000000,u,view,j\n"
            try await shop.put("events.csv", log)
            let manifest = try await shop.run()
            #expect(manifest.trainedThroughMs == 1_700_000_000_000)
            #expect(manifest.metrics["future_events"] == 1)
            await #expect(throws: TrainerError.self) { try await shop.run(nowMs: 1_600_000_000_000) }
        }
    }

    @Test func `a catalogue of which nothing is available is refused`() async throws {
        try await withShop { shop in
            try await shop.put("events.csv", "ts,user_id,event,item_id\n1700000000000,u,view,i\n")
            try await shop.put("item_properties.csv", "timestamp,itemid,property,value\n1700000000000,i,available,0\n")
            await #expect(throws: TrainerError.self) { try await shop.run() }
        }
    }

    @Test func `one user and one item make a release whose only list is the popular one`() async throws {
        try await withShop { shop in
            try await shop.put("events.csv", "ts,user_id,event,item_id\n1700000000000,u,view,i\n")
            let manifest = try await shop.run()
            #expect(try await shop.rows(.popular, of: manifest).rows == [["", "i", "1"]])
            #expect(manifest.file(.offline)?.rows == 0)
            #expect(manifest.file(.similar)?.lists == 0)
        }
    }

    private func manifest(
        of sample: SampleData, _ parameters: TrainingParameters = Shop.quick
    ) async throws -> ReleaseManifest {
        try await withShop { shop in
            try await shop.put(sample)
            return try await shop.run(parameters: parameters)
        }
    }

    private func expectCounts(_ manifest: ReleaseManifest, _ list: ReleaseList, rows: [[String]], lists: Int) throws {
        let file = try #require(manifest.file(list))
        #expect(file.name == "\(list.rawValue).csv.gz")
        #expect(file.rows == rows.count)
        #expect(file.lists == lists)
    }

    /// Within a list, scores fall, and equal ones stand in bytewise order; a list's rows stand together.
    private func expectListsInOrder(_ rows: [[String]]) throws {
        var finished: Set<String> = []
        for (earlier, later) in zip(rows, rows.dropFirst()) {
            guard earlier[0] == later[0] else {
                #expect(finished.insert(earlier[0]).inserted)
                continue
            }
            let scores = (try #require(Float(earlier[2])), try #require(Float(later[2])))
            #expect(scores.0 > scores.1 || scores.0 == scores.1 && earlier[1] < later[1])
        }
    }

    private func expectNothingTouched(_ shop: Shop, _ manifest: ReleaseManifest) async throws {
        var touched: [Substring: Set<Substring>] = [:]
        for line in try await shop.lines(.events, of: try await shop.prepare()).dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            touched[fields[1], default: []].insert(fields[3])
        }
        for row in try await shop.rows(.offline, of: manifest).rows {
            let items = try #require(touched[Substring(row[0])])
            #expect(!items.contains(Substring(row[1])))
        }
    }
}
