// The best items against a full sort of all scores.

import Testing

@testable import Learning

struct TopItemsTests {
    /// Everything that is not excluded, sorted.
    private func sorted(
        _ row: ArraySlice<Float>, _ items: DenseMatrix, isOut: (Int) -> Bool
    ) -> [(item: Int, score: Double)] {
        let scores = (0..<items.rowCount).filter { !isOut($0) }.map { item in
            (item, zip(row, items[item]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
        }
        return scores.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.map { (item: $0.0, score: $0.1) }
    }

    @Test(arguments: [0, 1, 10, 3000])
    func `lists are the head of a full sort, without what is excluded or seen`(itemsMax: Int) throws {
        // More users and items than a block, and no multiple of one. Eighths: sums are exact, and often equal.
        var random = SeededRandom(state: 1)
        let items = DenseMatrix(
            rowCount: 2100, columnCount: 5, values: (0..<10_500).map { _ in Float(random.below(9) - 4) / 8 })
        let users = DenseMatrix(
            rowCount: 150, columnCount: 5, values: (0..<750).map { _ in Float(random.below(9) - 4) / 8 })
        let seen = randomMatrix(seed: 2, users: 150, items: 2100)
        let mask = (0..<2100).map { _ in random.below(5) == 0 }
        let top = TopItems(items: items, isExcluded: mask)
        let rows = Array((10..<150).reversed())
        let lists = try top.lists(for: rows, of: users, itemsMax: itemsMax, seen: seen)
        #expect(lists.count == rows.count)
        for (list, user) in rows.enumerated() {
            let own = Set(seen.row(user).map(\.0))
            let expected = sorted(users[user], items) { mask[$0] || own.contains(UInt32($0)) }.prefix(itemsMax)
            #expect(lists[list].map(\.item) == expected.map { UInt32($0.item) })
            #expect(lists[list].map { Double($0.score) } == expected.map(\.score))
        }
        #expect(try top.lists(for: rows, of: users, itemsMax: itemsMax, seen: seen, workers: 1) == lists)
    }

    @Test func `similar items are those of the same direction, without the item itself`() throws {
        let items = randomDense(seed: 3, rows: 200, columns: 7)
        let lists = try TopItems.similarItems(to: 0..<200, of: items, itemsMax: 12)
        let unit = items.normalizedRows()
        for item in 0..<200 {
            let expected = sorted(unit[item], unit) { $0 == item }.prefix(12)
            #expect(lists[item].map(\.item) == expected.map { UInt32($0.item) })
            for (entry, right) in zip(lists[item], expected) { #expect(abs(Double(entry.score) - right.score) < 1e-5) }
        }
    }

    @Test func `zeros are similar to nothing more than to anything else, and numbers that are none stand nowhere`()
        throws
    {
        let items = DenseMatrix(rowCount: 4, columnCount: 2, values: [0, 0, 3, 4, .nan, 1, 6, 8])
        let similar = try TopItems.similarItems(to: [1, 0], of: items, itemsMax: 9)
        #expect(similar[0].map(\.item) == [3, 0])
        #expect(abs((similar[0].first?.score ?? 0) - 1) < 1e-6)
        #expect(similar[1].map(\.item) == [1, 3])
        let lists = try TopItems(items: items).lists(
            for: [0], of: DenseMatrix(rowCount: 1, columnCount: 2, values: [1, 1]), itemsMax: 9)
        #expect(lists[0].map(\.item) == [3, 1, 0])
    }

    @Test func `without users or items there are no lists, or empty ones`() throws {
        let none = DenseMatrix(rowCount: 0, columnCount: 3)
        let one = DenseMatrix(rowCount: 1, columnCount: 3, values: [1, 2, 3])
        #expect(try TopItems(items: one).lists(for: 0..<0, of: none, itemsMax: 5).count == 0)
        #expect(try TopItems(items: none).lists(for: 0..<1, of: one, itemsMax: 5)[0].isEmpty)
        #expect(
            try TopItems(items: one).lists(for: [0, 0], of: one, itemsMax: 5)[1] == [ScoredItem(item: 0, score: 14)])
        #expect(try TopItems.similarItems(to: [0], of: one, itemsMax: 5)[0].isEmpty)
    }

    @Test func `cancelling ends it`() {
        let items = randomDense(seed: 4, rows: 10, columns: 3)
        #expect(throws: CancellationError.self) {
            try TopItems(items: items).lists(
                for: 0..<10, of: items, itemsMax: 3, control: StepControl(isCancelled: { true }))
        }
    }
}
