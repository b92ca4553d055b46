// The invented log: the same bytes for the same parameters, RetailRocket's proportions, and files that hold together.

import Models
import SampleData
import Testing

struct SampleDataTests {
    /// A row of events.csv.
    struct Row {
        let timestampMs: Int64
        let user: Int
        let type: String
        let item: Int
        let transaction: Int?

        init?(_ line: Substring) {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 5, let timestampMs = Int64(fields[0]), let user = Int(fields[1]),
                let item = Int(fields[3])
            else { return nil }
            self.timestampMs = timestampMs
            self.user = user
            self.item = item
            type = String(fields[2])
            transaction = Int(fields[4])
        }
    }

    @Test func `the same parameters make the same bytes, another seed others`() throws {
        func bytes(seed: UInt64) throws -> [[UInt8]] {
            let data = SampleData(try SampleDataParameters(users: 300, items: 100, events: 3_000, days: 20, seed: seed))
            return [
                data.events().reduce([], +), data.itemProperties(part: 1).reduce([], +),
                data.itemProperties(part: 2).reduce([], +), data.categoryTree(),
            ]
        }
        let first = try bytes(seed: 1)
        #expect(try bytes(seed: 1) == first)
        let second = try bytes(seed: 2)
        for (left, right) in zip(first.dropLast(), second) { #expect(left != right) }
    }

    @Test func `the bytes are the same on every machine and in every year`() throws {
        let data = SampleData(try SampleDataParameters(users: 300, items: 100, events: 3_000, days: 20))
        #expect(fingerprint(data.events().reduce([], +)) == 18_301_718_781_096_687_403)
        #expect(fingerprint(data.itemProperties(part: 1).reduce([], +)) == 348_759_610_908_242_752)
    }

    @Test func `the log has exactly the rows, users and period that were asked for, in time order`() throws {
        let parameters = try SampleDataParameters(users: 5_000, items: 2_000, events: 70_000, days: 10, seed: 7)
        let rows = try rows(parameters)
        #expect(rows.count == 70_000)
        #expect(Set(rows.map(\.user)) == Set(1...5_000))
        #expect(rows.allSatisfy { (1...2_000).contains($0.item) })
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.timestampMs <= $1.timestampMs })
        #expect(rows.first.map { $0.timestampMs >= parameters.startMs } == true)
        #expect(rows.last.map { $0.timestampMs < parameters.endMs } == true)
    }

    @Test func `types, visitors and popularity have RetailRocket's proportions`() throws {
        let rows = try rows(SampleDataParameters(users: 51_000, items: 8_500, events: 100_000, days: 138))
        let shares = Dictionary(grouping: rows, by: \.type).mapValues { Double($0.count) / Double(rows.count) }
        #expect(abs((shares["view"] ?? 0) - 0.967) < 0.004)
        #expect(abs((shares["addtocart"] ?? 0) - 0.025) < 0.003)
        #expect(abs((shares["transaction"] ?? 0) - 0.008) < 0.002)

        let rowsByUser = Dictionary(grouping: rows, by: \.user).values.map(\.count).sorted()
        #expect(rowsByUser[rowsByUser.count / 2] == 1)
        #expect((rowsByUser.last ?? 0) > 100)
        let rowsByItem = Dictionary(grouping: rows, by: \.item).values.map(\.count).sorted()
        #expect((rowsByItem.last ?? 0) > 20 * rows.count / 8_500)
        #expect(Double(rowsByItem.count { $0 == 1 }) / Double(rowsByItem.count) > 0.1)
    }

    @Test func `a purchase follows its cart, a cart its view, and each purchase has its own transaction`() throws {
        let rows = try rows(.standard)
        var last: [Int: Row] = [:]
        for row in rows {
            // Sessions of one user may overlap at most rarely; the standard log has none that do.
            let precondition = ["addtocart": "view", "transaction": "addtocart"][row.type]
            if let precondition {
                #expect(last[row.user].map { $0.item == row.item && $0.type == precondition } == true)
            }
            last[row.user] = row
        }
        let transactions = rows.compactMap(\.transaction)
        #expect(transactions == Array(1...max(1, transactions.count)))
        #expect(rows.allSatisfy { ($0.type == "transaction") == ($0.transaction != nil) })
    }

    @Test func `planted successors follow their item far more often than other items do`() throws {
        let parameters = SampleDataParameters.standard
        let sample = SampleData(parameters)
        var follows = 0
        var planted = 0
        var last: [Int: Row] = [:]
        for row in try rows(parameters) where row.type == "view" {
            if let before = last[row.user], before.item != row.item, row.timestampMs - before.timestampMs < 1_800_000 {
                follows += 1
                let item = try #require(ItemID("\(before.item)"))
                if sample.successors(of: item).contains(where: { $0.text == "\(row.item)" }) { planted += 1 }
            }
            last[row.user] = row
        }
        #expect(Double(planted) / Double(follows) > 0.5)
    }

    @Test func `every item has five other items as successors, or all others if there are fewer`() throws {
        let sample = SampleData(.standard)
        #expect(sample.itemsByPopularity.count == 1_000)
        for item in sample.itemsByPopularity {
            let successors = sample.successors(of: item)
            #expect(Set(successors).count == 5)
            #expect(!successors.contains(item))
        }
        let small = SampleData(try SampleDataParameters(users: 1, items: 3, events: 10, days: 1))
        #expect(small.itemsByPopularity.allSatisfy { small.successors(of: $0).count == 2 })
        #expect(small.successors(of: try #require(ItemID("4"))).isEmpty)
    }

    @Test func `properties name every item, change as often as RetailRocket's, and stay within the tree`() throws {
        let sample = SampleData(try SampleDataParameters(users: 10, items: 8_000, events: 10, days: 60))
        let tree = lines(sample.categoryTree()).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let categories = Set(tree.map { $0[0] })
        let inner = Set(tree.map { $0[1] })
        #expect(inner.contains(""))
        #expect(inner.subtracting([""]).isSubset(of: categories))
        var values: [String: [Substring: [Substring]]] = [:]
        for part in 1...2 {
            for line in lines(sample.itemProperties(part: part).reduce([], +)) {
                let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                #expect(fields.count == 4)
                values[String(fields[2]), default: [:]][fields[1], default: []].append(fields[3])
            }
        }
        let category = try #require(values["categoryid"])
        let available = try #require(values["available"])
        #expect(category.count == 8_000)
        #expect(available.count == 8_000)
        // Items stand in categories that have none below them.
        #expect(category.values.joined().allSatisfy { categories.contains($0) && !inner.contains($0) })
        #expect(available.values.joined().allSatisfy { $0 == "0" || $0 == "1" })
        #expect(abs(Double(category.values.count { $0.count > 1 }) / 8_000 - 0.0622) < 0.01)
        #expect(abs(Double(available.values.count { $0.count > 1 }) / 8_000 - 0.1726) < 0.015)
        #expect(values.count > 100)
    }

    @Test func `the smallest shop has one row`() throws {
        let rows = try rows(SampleDataParameters(users: 1, items: 1, events: 1, days: 1))
        #expect(rows.count == 1)
        #expect(rows.first?.type == "view")
        let busy = try self.rows(SampleDataParameters(users: 1, items: 1, events: 500, days: 1))
        #expect(busy.count == 500)
    }

    @Test func `progress ends at the number of rows`() throws {
        let progress = Progress()
        let sample = SampleData(.standard)
        let bytes = sample.events { progress.record($0) }.reduce(0) { $0 + $1.count }
        #expect(progress.last == 40_000)
        #expect(progress.isRising)
        #expect(bytes > 1_000_000)
        #expect(sample.events().allSatisfy { $0.count <= 65_536 })
    }

    @Test(arguments: [
        ((0, 1, 1, 1), "users must be between 1 and 1000000000; got 0"),
        ((1, -1, 1, 1), "items must be between 1 and 1000000000; got -1"),
        ((1, 1, 1, 4_000), "days must be between 1 and 3650; got 4000"),
        ((5, 1, 4, 1), "events must be at least users (5), since every user has an event; got 4"),
    ])
    func `impossible parameters are refused by name`(parameters: (Int, Int, Int, Int), message: String) {
        let error = #expect(throws: SampleDataError.self) {
            try SampleDataParameters(users: parameters.0, items: parameters.1, events: parameters.2, days: parameters.3)
        }
        #expect(error?.description == message)
    }

    @Test func `an end in seconds is refused`() {
        let error = #expect(throws: SampleDataError.self) {
            try SampleDataParameters(users: 1, items: 1, events: 1, days: 1, endMs: 1_767_225_600)
        }
        #expect(error?.parameter == "end")
    }

    private func rows(_ parameters: SampleDataParameters) throws -> [Row] {
        let lines = lines(SampleData(parameters).events().reduce(into: []) { $0 += $1 })
        let rows = lines.compactMap { Row($0) }
        #expect(rows.count == lines.count)
        return rows
    }

    /// A file's lines below its header.
    private func lines(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().map { $0 }
    }

    /// FNV-1a.
    private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
