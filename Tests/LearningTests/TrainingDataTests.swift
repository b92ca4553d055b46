// What the collected rows become: duplicates and wrong clocks out, the catalogue as of its last word, categories a
// forest.

import Learning
import Models
import Testing

struct TrainingDataTests {
    @Test func `duplicates are dropped and counted, other types and times are not duplicates`() throws {
        let data = try trainingData([
            Interaction("u", "i", minute: 1), Interaction("v", "i", minute: 1), Interaction("u", "i", minute: 1),
            Interaction("u", "i", "addtocart", minute: 1), Interaction("u", "i", minute: 2),
            Interaction("u", "i", minute: 1),
        ])
        #expect(data.interactions.count == 4)
        #expect(data.interactions.duplicates == 2)
        #expect(data.interactions.users.count == 2)
    }

    @Test func `interactions from the future are dropped and do not move the newest time`() throws {
        let late = Interaction("u", "j", minute: 1_000_000)
        let present = Interaction("u", "i", minute: 1)
        let data = try trainingData([late, present], latestMs: present.timestampMs)
        #expect(data.interactions.count == 1)
        #expect(data.interactions.tooLate == 1)
        #expect(data.interactions.newestMs == present.timestampMs)
    }

    @Test func `items are numbered in bytewise order whatever file names them first`() throws {
        let data = try trainingData(
            [Interaction("u", "b", minute: 1), Interaction("u", "10", minute: 2), Interaction("u", "9", minute: 3)],
            properties: unavailable(["a", "B"]))
        #expect((0..<data.catalogue.count).map { data.catalogue.items.text(at: $0) } == ["10", "9", "B", "a", "b"])
        #expect(data.catalogue.items.index(of: "9") == 1)
        #expect(data.catalogue.items.index(of: "8") == nil)
    }

    @Test func `many identifiers are told apart and found again`() throws {
        let data = try trainingData((0..<5_000).map { Interaction("u\($0)", "i\($0 % 3_000)", minute: $0) })
        #expect(data.interactions.users.count == 5_000)
        #expect(data.catalogue.count == 3_000)
        for user in 0..<5_000 { #expect(data.interactions.users.index(of: "u\(user)") == user) }
    }

    @Test func `identifiers with the same hash are told apart`() throws {
        // Found by search: each pair has all 32 bits of the table's hash in common.
        let pairs = [("52716", "98225"), ("4363", "138517"), ("55401", "190707")]
        let data = try trainingData(
            pairs.flatMap { [Interaction("u", $0, minute: 1), Interaction("u", $1, minute: 1)] })
        #expect(data.catalogue.count == 6)
        #expect(data.interactions.count == 6)
        #expect(data.interactions.duplicates == 0)
    }

    @Test func `the last word by time decides category and availability, and of one time the later row`() throws {
        let properties = """
            timestamp,itemid,property,value
            1700000000002,a,available,0
            1700000000001,a,available,1
            1700000000001,b,available,0
            1700000000002,b,available,1
            1700000000001,c,categoryid,1
            1700000000001,c,categoryid,2
            1700000000001,d,790,n12.000
            """
        let data = try trainingData(
            [Interaction("u", "e", minute: 1)], properties: properties, tree: "categoryid,parentid\n2,\n")
        let items = data.catalogue
        #expect((0..<items.count).map { items.items.text(at: $0) } == ["a", "b", "c", "e"])
        #expect((0..<items.count).map { items.isAvailable($0) } == [false, true, true, true])
        #expect(items.availableCount == 3)
        #expect(path(items, "c") == ["2"])
        #expect(path(items, "e") == [])
    }

    @Test func `paths run from leaf to root, and orphans, circles and unlisted categories become roots`() throws {
        let tree = """
            categoryid,parentid
            leaf,inner
            inner,root
            root,
            orphan,gone
            x,y
            y,z
            z,x
            self,self
            minus,-1
            """
        let names = ["leaf", "orphan", "x", "y", "z", "self", "minus", "unlisted"]
        let properties =
            "timestamp,itemid,property,value\n"
            + names.map { "1700000000000,\($0),categoryid,\($0)\n" }.joined()
        let data = try trainingData([], properties: properties, tree: tree)
        #expect(path(data.catalogue, "leaf") == ["leaf", "inner", "root"])
        #expect(path(data.catalogue, "orphan") == ["orphan"])
        #expect(path(data.catalogue, "x") == ["x", "y", "z"])
        #expect(path(data.catalogue, "z") == ["z"])
        #expect(path(data.catalogue, "self") == ["self"])
        #expect(path(data.catalogue, "minus") == ["minus"])
        #expect(path(data.catalogue, "unlisted") == ["unlisted"])
        #expect(data.catalogue.forest.orphans == 1)
        #expect(data.catalogue.forest.cycles == 2)
    }

    @Test func `broken property and category rows are counted`() throws {
        var items = ItemPropertyParser(file: "p.csv", faultShareMax: 1)
        let rows =
            "timestamp,itemid,property,value\n1,a,available,1\n1700000000,a,available,1\n"
            + "1700000000000,a b,available,1\n"
            + "1700000000000,a,available,2\n1700000000000,a,categoryid,{}\n1700000000000,a,anything,{}\n"
        try items.read(Array(rows.utf8)) { _ in }
        let report = try items.finish { _ in }
        #expect(report.rows == 6)
        #expect(report.faults == [.timestamp: 1, .seconds: 1, .item: 1, .availability: 1, .category: 1])

        var tree = CategoryTreeParser(file: "t.csv", faultShareMax: 1)
        try tree.read(Array("categoryid,parentid\n,\n1,{}\n2,1\n".utf8)) { _ in }
        #expect(try tree.finish { _ in }.faults == [.category: 2])
    }

    private func path(_ catalogue: ItemCatalogue, _ item: String) -> [String] {
        guard let index = catalogue.items.index(of: item) else { return ["no such item"] }
        return catalogue.categoryPath(of: index).map { catalogue.forest.categories.text(at: $0) }
    }
}
