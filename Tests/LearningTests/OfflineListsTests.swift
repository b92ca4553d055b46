// Offline lists against a direct sum over histories, and what they must never hold.

import Learning
import Models
import Testing

struct OfflineListsTests {
    @Test(arguments: [true, false])
    func `scores are the sum over the history of weight, recency and similarity`(excludesTouched: Bool) throws {
        let interactions = randomInteractions(seed: 6, users: 100, items: 25, events: 300)
        let data = try trainingData(interactions, properties: unavailable(["i1", "i2"]))
        let similar = SimilarItems(data)
        let lists = similar.lists(for: 0..<similar.itemCount)
        var parameters = OfflineLists.Parameters()
        parameters.historyItemsMax = 3
        parameters.servingWindowMs = 5_000 * 60_000
        parameters.regularInteractionsMin = .max
        parameters.excludesTouched = excludesTouched
        let offline = OfflineLists(data, similar: lists, parameters: parameters)

        var actual: [String: [String]] = [:]
        offline.forEachList { user, list in
            actual[data.interactions.users.text(at: user)] = data.catalogue.readable(list)
        }
        let newest = interactions.map(\.timestampMs).max() ?? 0
        var expected: [String: [String]] = [:]
        for (user, rows) in Dictionary(grouping: interactions, by: \.user) {
            guard let last = rows.map(\.timestampMs).max(), newest - last < parameters.servingWindowMs else { continue }
            let list = expectedList(rows, data, lists, parameters)
            if !list.isEmpty { expected[user] = list }
        }
        #expect(actual == expected)
        #expect(expected.count > 5)
        #expect(expected.count < Set(interactions.map(\.user)).count)
    }

    @Test func `regulars get lists for longer`() throws {
        let day = 24 * 60
        let interactions = [
            Interaction("seldom", "a", minute: 0), Interaction("seldom", "b", minute: 1),
            Interaction("regular", "a", minute: 0), Interaction("regular", "b", minute: 1),
            Interaction("regular", "c", minute: 2), Interaction("late", "a", minute: 40 * day),
        ]
        let data = try trainingData(interactions)
        var parameters = OfflineLists.Parameters()
        parameters.regularInteractionsMin = 3
        let offline = OfflineLists(data, similar: RankedLists(), parameters: parameters)
        let served = (0..<offline.userCount).filter { offline.isServed($0) }
        #expect(served.map { data.interactions.users.text(at: $0) } == ["regular", "late"])
    }

    @Test func `touched and unavailable items are in no list, and lists are sorted, bounded and finite`() throws {
        let interactions = randomInteractions(seed: 8, users: 200, items: 150, events: 1_500)
        let hidden = (0..<150).filter { $0 % 4 == 0 }.map { "i\($0)" }
        let data = try trainingData(interactions, properties: unavailable(hidden))
        let similar = SimilarItems(data)
        var parameters = OfflineLists.Parameters()
        parameters.itemsMax = 10
        let offline = OfflineLists(data, similar: similar.lists(for: 0..<similar.itemCount), parameters: parameters)
        let touched = Dictionary(grouping: interactions, by: \.user).mapValues { Set($0.map(\.item)) }
        var lists = 0
        offline.forEachList { user, list in
            lists += 1
            let names = list.map { data.catalogue.items.text(at: Int($0.item)) }
            #expect(touched[data.interactions.users.text(at: user)]?.isDisjoint(with: names) == true)
            #expect(Set(hidden).isDisjoint(with: names))
            #expect(Set(names).count == names.count)
            #expect((1...10).contains(list.count))
            for (left, right) in zip(list, list.dropFirst()) {
                #expect(left.score > right.score || left.score == right.score && left.item < right.item)
            }
            for entry in list { #expect(entry.score > 0 && entry.score == ScoreText.rounded(entry.score)) }
        }
        #expect(lists > 150)
    }

    @Test func `only users of the serving window get a list, and everyone does without a window`() throws {
        let data = try trainingData([
            Interaction("old", "a", minute: 0), Interaction("old", "b", minute: 1),
            Interaction("new", "a", minute: 60_000), Interaction("newer", "b", minute: 60_001),
        ])
        let similar = SimilarItems(data)
        let lists = similar.lists(for: 0..<similar.itemCount)
        func served(windowMs: Int64) -> [String] {
            var parameters = OfflineLists.Parameters()
            parameters.servingWindowMs = windowMs
            parameters.excludesTouched = false
            var users: [String] = []
            let offline = OfflineLists(data, similar: lists, parameters: parameters)
            offline.forEachList { user, _ in users.append(data.interactions.users.text(at: user)) }
            return users
        }
        #expect(served(windowMs: 28 * 86_400_000) == ["new", "newer"])
        #expect(served(windowMs: 60_000) == ["newer"])
        #expect(served(windowMs: 60_001) == ["new", "newer"])
        #expect(served(windowMs: 0) == ["old", "new", "newer"])
    }

    private func expectedList(
        _ rows: [Interaction], _ data: TrainingData, _ lists: RankedLists, _ parameters: OfflineLists.Parameters
    ) -> [String] {
        var history: [(item: String, timestampMs: Int64, weight: Double)] = []
        for row in rows.sorted(by: { ($1.timestampMs, $1.item, $1.type) < ($0.timestampMs, $0.item, $0.type) }) {
            if let known = history.firstIndex(where: { $0.item == row.item }) {
                history[known].weight = max(history[known].weight, row.weight)
            } else if history.count < parameters.historyItemsMax {
                history.append((row.item, row.timestampMs, row.weight))
            } else {
                break
            }
        }
        var sums: [String: Double] = [:]
        for touch in history {
            guard let index = data.catalogue.items.index(of: touch.item) else { continue }
            let age = Double((history.first?.timestampMs ?? 0) - touch.timestampMs) / parameters.halvingMs
            for entry in lists[index] {
                let name = data.catalogue.items.text(at: Int(entry.item))
                sums[name, default: 0] += touch.weight / (1 + age) * Double(entry.score)
            }
        }
        if parameters.excludesTouched { for row in rows { sums[row.item] = nil } }
        let scored = sums.compactMap { name, sum in
            ItemID(name).map { ScoredItem(item: $0, score: ScoreText.rounded(Float(sum))) }
        }
        let ranked = scored.filter { $0.score > 0 }.sorted { ($1.score, $0.item) < ($0.score, $1.item) }
        return ranked.prefix(parameters.itemsMax).map { ItemListText.text([$0]) }
    }
}
