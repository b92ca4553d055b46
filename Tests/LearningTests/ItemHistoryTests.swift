// What was known of items at a time, against a search through all statements; and how categories nest.

import Learning
import Models
import Testing

struct ItemHistoryTests {
    private static let startMs: Int64 = 1_700_000_000_000

    /// A statement as tests write it.
    private struct Statement {
        let timestampMs: Int64
        let item: String
        let property: String
        let value: String
    }

    private func data(_ statements: [Statement], latestMs: Int64 = .max) throws -> TrainingData {
        var builder = TrainingDataBuilder(types: .standard, latestMs: latestMs)
        var parser = ItemPropertyParser(file: "p.csv", numericProperty: "790")
        let rows = statements.map { "\($0.timestampMs),\($0.item),\($0.property),\($0.value)\n" }.joined()
        try parser.read(Array("timestamp,itemid,property,value\n\(rows)".utf8)) { builder.add($0) }
        _ = try parser.finish { builder.add($0) }
        return builder.build()
    }

    @Test(arguments: 1...5) func `the value of any time is the last one said by then`(seed: UInt64) throws {
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        // Few times and values, so that statements of one time and repetitions are frequent.
        let statements = (0..<400).map { _ in
            let property = ["available", "categoryid", "790", "888"][next(4)]
            let value = property == "available" ? "\(next(2))" : property == "790" ? "n\(next(3)).250" : "c\(next(3))"
            return Statement(
                timestampMs: Self.startMs + Int64(next(30)), item: "i\(next(6))", property: property, value: value)
        }
        let data = try data(statements)
        for item in 0..<data.catalogue.count {
            let name = data.catalogue.items.text(at: item)
            for offset in -1...31 {
                let atMs = Self.startMs + Int64(offset)
                func said(_ property: String) -> String? {
                    let known = statements.filter {
                        $0.item == name && $0.property == property && $0.timestampMs <= atMs
                    }
                    let newestMs = known.map(\.timestampMs).max()
                    return known.last { $0.timestampMs == newestMs }?.value
                }
                #expect(data.history.availability(of: item, atMs: atMs) == said("available").map { $0 == "1" })
                let category = data.history.category(of: item, atMs: atMs)
                #expect(category.map { data.catalogue.forest.categories.text(at: $0) } == said("categoryid"))
                #expect(data.history.number(of: item, atMs: atMs) == said("790").flatMap { Float($0.dropFirst()) })
            }
            #expect(data.catalogue.category(of: item) == data.history.category(of: item, atMs: .max))
            #expect(data.catalogue.isAvailable(item) == data.history.isAvailable(item, atMs: .max))
        }
        #expect(data.history.windowMs?.lowerBound == statements.map(\.timestampMs).min())
        #expect(data.history.windowMs?.upperBound == statements.map(\.timestampMs).max())
    }

    @Test func `what is said again is no change, and what is said from the future is dropped`() throws {
        let said = [(0, "1"), (1, "1"), (2, "0"), (3, "0"), (4, "1"), (9, "0"), (8, "0")].map { offset, value in
            Statement(timestampMs: Self.startMs + Int64(offset), item: "i", property: "available", value: value)
        }
        let history = try data(said, latestMs: Self.startMs + 5).history
        #expect(history.changeCounts == (0, 3, 0))
        #expect(history.tooLate.count == 2)
        #expect(history.tooLate.earliestMs == Self.startMs + 8)
        #expect(history.windowMs?.upperBound == Self.startMs + 4)
        #expect(history.isAvailable(0, atMs: .max))
    }

    @Test func `an item of which nothing is said yet might have been recommended, in no category`() throws {
        let later = Statement(timestampMs: Self.startMs, item: "i", property: "available", value: "0")
        let history = try data([later]).history
        #expect(history.isAvailable(0, atMs: Self.startMs - 1))
        #expect(history.availability(of: 0, atMs: Self.startMs - 1) == nil)
        #expect(!history.isAvailable(0, atMs: Self.startMs))
        #expect(history.category(of: 0, atMs: .max) == nil)
        #expect(history.number(of: 0, atMs: .max) == nil)
    }

    @Test func `a number is plain or has an n before it, and is finite`() throws {
        var parser = ItemPropertyParser(file: "p.csv", numericProperty: "price", faultShareMax: 1)
        let values = ["12.5", "n-3.000", "nInfinity", "nan", "", "n", "1,5"]
        let rows = values.map { "1700000000000,i,price,\"\($0)\"\n" }.joined()
        var found = 0
        try parser.read(Array("timestamp,itemid,property,value\n\(rows)".utf8)) { _ in found += 1 }
        let report = try parser.finish { _ in found += 1 }
        #expect(found == 2)
        #expect(report.faults == [.number: 5])
        #expect(report.lines == [.number: [4, 5, 6, 7, 8]])
    }

    @Test func `every category has a root and a depth, and what is wrong with the tree has examples`() throws {
        let chain = (0..<50_000).map { "k\($0 + 1),k\($0)\n" }.joined()
        let wrong = (0..<7).map { "o\($0),gone\n" }.joined()
        let tree = "categoryid,parentid\nroot,\nleaf,inner\ninner,root\nx,y\ny,x\nk0,-1\n\(chain)\(wrong)"
        let forest = try trainingData([], tree: tree).catalogue.forest
        func index(_ name: String) throws -> Int { try #require(forest.categories.index(of: name)) }
        for (name, root, depth) in [
            ("root", "root", 0), ("inner", "root", 1), ("leaf", "root", 2), ("o3", "o3", 0), ("k50000", "k0", 50_000),
            ("gone", "gone", 0),
        ] {
            #expect(forest.categories.text(at: forest.root(of: try index(name))) == root)
            #expect(forest.depth(of: try index(name)) == depth)
        }
        #expect(forest.orphans == 7)
        #expect(forest.orphanExamples.map { forest.categories.text(at: $0) } == ["o0", "o1", "o2", "o3", "o4"])
        #expect(forest.cycles == 1)
        #expect(forest.cycleExamples == [try index("y")])
        #expect(!forest.isListed(try index("gone")))
        #expect(forest.isListed(try index("o0")))
        #expect(forest.listedCount == 50_001 + 7 + 5)
    }
}
