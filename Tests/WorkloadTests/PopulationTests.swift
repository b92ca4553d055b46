// Who asks: drawn from prepared data as the trainer writes it, or invented.

import Fixtures
import Models
import ObjectStore
import Stores
import Testing

@testable import Workload

@Suite struct PopulationTests {
    /// Publishes prepared data that consists of these rows of events set aside.
    private func publish(_ rows: [String], to store: PreparedDataStore) async throws {
        var files: [PreparedFile: ReleaseFile] = [:]
        for file in PreparedFile.allCases {
            files[file] = try await store.write(file, of: "p1") { writer in
                let lines = file == .lastEvents ? rows : []
                let text = "timestamp,user_id,event,item_id\n" + lines.map { $0 + "\n" }.joined()
                try await writer.write(Array(text.utf8), rows: lines.count, lists: 0)
            }
        }
        try await store.publish(
            PreparedDataManifest(
                preparation: "p1", createdAtMs: 0, inputs: [], parameters: [:], knownFromMs: 0, knownUntilMs: nil,
                files: files))
    }

    @Test func `events that were set aside are what is drawn from`() async throws {
        try await withDirectory { objects, _ in
            let store = PreparedDataStore(objects: objects)
            #expect(try await Population.lastEvents(store, seed: 1) == nil)
            try await publish(["1,ann,view,7", "2,bob,addtocart,8", "3,ann,transaction,9"], to: store)
            let population = try #require(try await Population.lastEvents(store, seed: 1))
            #expect(
                population.rows.map { "\($0.user) \($0.type) \($0.item)" } == [
                    "ann view 7", "bob addtocart 8", "ann transaction 9",
                ])
            #expect(population.source.contains("3 of 3 events set aside"))
            // The whole range of picks falls on the rows, evenly.
            #expect(population.row(0).user.text == "ann")
            #expect(population.row(.max / 2).user.text == "bob")
            #expect(population.row(.max).item.text == "9")
        }
    }

    @Test func `of many rows an even sample is kept, the same for the same seed`() throws {
        func sample(_ seed: UInt64) throws -> [String] {
            var reader = PopulationReader(rowsMax: 100, seed: seed)
            try reader.feed(Array("timestamp,user_id,event,item_id\n".utf8))
            for row in 0..<10_000 { try reader.feed(Array("1,u\(row),view,i\n".utf8)) }
            try reader.finish()
            #expect(reader.rowCount == 10_000)
            return reader.rows.map(\.user.text)
        }
        let first = try sample(1)
        #expect(first.count == 100)
        #expect(try sample(1) == first)
        #expect(try sample(2) != first)
        // Every tenth of the file is there.
        #expect(Set(first.compactMap { Int($0.dropFirst()).map { $0 / 1000 } }) == Set(0..<10))
    }

    @Test func `rows that are no events are refused with their line`() throws {
        var reader = PopulationReader(rowsMax: 10, seed: 1)
        #expect(throws: WorkloadError.self) { try reader.feed(Array("a,b\n".utf8)) }
        var second = PopulationReader(rowsMax: 10, seed: 1)
        #expect { try second.feed(Array("timestamp,user_id,event,item_id\n1,u,view,no item\n".utf8)) } throws: {
            "\($0)".contains("line 2")
        }
    }

    @Test func `an invented crowd is the same for the same seed, and within its bounds`() {
        let crowd = Population.generated(users: 50, items: 20, seed: 3)
        #expect(crowd.rows == Population.generated(users: 50, items: 20, seed: 3).rows)
        #expect(crowd.rows != Population.generated(users: 50, items: 20, seed: 4).rows)
        #expect(Set(crowd.rows.map(\.user)).count == 50)
        #expect(crowd.rows.allSatisfy { (1...20).contains(Int($0.item.text) ?? 0) })
    }
}
