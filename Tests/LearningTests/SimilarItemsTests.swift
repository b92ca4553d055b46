// Similar items against the formula written down naively, against what was planted, and at the edges.

import Learning
import Models
import SampleData
import Testing

struct SimilarItemsTests {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64], [4, 50])
    func `lists equal those of the formula, computed pair by pair`(seed: UInt64, historyItemsMax: Int) throws {
        let interactions = randomInteractions(seed: seed)
        let hidden: Set<String> = ["i3", "i7"]
        let data = try trainingData(interactions, properties: unavailable(hidden.sorted()))
        var parameters = SimilarItems.Parameters()
        parameters.historyItemsMax = historyItemsMax
        parameters.itemsMax = 12
        let expected = BruteForce(interactions, parameters).lists(hidden: hidden)
        let similar = SimilarItems(data, parameters: parameters)
        let lists = similar.lists(for: 0..<similar.itemCount)
        var entries = 0
        for index in 0..<data.catalogue.count {
            let name = data.catalogue.items.text(at: index)
            #expect(data.catalogue.readable(lists[index]) == expected[name, default: []], "item \(name)")
            entries += lists[index].count
        }
        #expect(entries > 100)
    }

    @Test func `ranges computed apart join to the same lists`() throws {
        let data = try trainingData(randomInteractions(seed: 9))
        let similar = SimilarItems(data)
        let whole = similar.lists(for: 0..<similar.itemCount)
        var joined = similar.lists(for: 0..<7)
        joined.append(contentsOf: similar.lists(for: 7..<7))
        joined.append(contentsOf: similar.lists(for: 7..<similar.itemCount))
        #expect(joined.count == whole.count)
        #expect(joined.entryCount == whole.entryCount)
        for list in 0..<whole.count { #expect(joined[list] == whole[list]) }
    }

    @Test func `planted successors are found far above chance`() throws {
        let parameters = try SampleDataParameters(users: 1_500, items: 400, events: 30_000, days: 40, seed: 3)
        let sample = SampleData(parameters)
        var builder = TrainingDataBuilder(types: .standard, latestMs: parameters.endMs)
        var log = EventLogParser(file: "events.csv", types: .standard)
        for chunk in sample.events() { try log.read(chunk) { builder.add($0) } }
        _ = try log.finish { builder.add($0) }
        let data = builder.build()
        let similar = SimilarItems(data)
        var hits = 0
        var places = 0
        for item in sample.itemsByPopularity.prefix(200) {
            guard let index = data.catalogue.items.index(of: item.text) else { continue }
            let planted = Set(sample.successors(of: item).map(\.text))
            let list = similar.lists(for: index..<index + 1)[0].prefix(10)
            places += list.count
            hits += list.count { planted.contains(data.catalogue.items.text(at: Int($0.item))) }
        }
        let precision = Double(hits) / Double(places)
        let byChance = 5.0 / Double(data.catalogue.count)
        #expect(places > 1_900)
        // With five successors an item, 0.5 is the most that ten places can reach.
        #expect(precision > 0.3, "precision@10 is \(precision); by chance it would be \(byChance)")
    }

    @Test func `what follows weighs more than what came before`() throws {
        let data = try trainingData([
            Interaction("u", "a", minute: 0), Interaction("u", "b", minute: 1), Interaction("u", "c", minute: 2),
        ])
        let list = SimilarItems(data).lists(for: 1..<2)[0]
        #expect(list.map { data.catalogue.items.text(at: Int($0.item)) } == ["c", "a"])
    }

    @Test func `a session's end and the time between lower the score`() throws {
        func score(minutes: Int) throws -> Float {
            let data = try trainingData([Interaction("u", "a", minute: 0), Interaction("u", "b", minute: minutes)])
            return SimilarItems(data).lists(for: 0..<1)[0].first?.score ?? 0
        }
        let within = try score(minutes: 30)
        let across = try score(minutes: 31)
        let weekLater = try score(minutes: 7 * 1_440)
        #expect(within > across * 1.9)
        #expect(across > weekLater * 3)
        #expect(weekLater > 0)
    }

    @Test func `equal scores stand in bytewise order of the names`() throws {
        let data = try trainingData(
            ["b", "10", "9", "A"].enumerated().flatMap { number, item in
                [Interaction("u\(number)", "x", minute: 0), Interaction("u\(number)", item, minute: 1)]
            })
        let index = try #require(data.catalogue.items.index(of: "x"))
        let list = SimilarItems(data).lists(for: index..<index + 1)[0]
        #expect(list.map { data.catalogue.items.text(at: Int($0.item)) } == ["10", "9", "A", "b"])
        #expect(Set(list.map(\.score)).count == 1)
    }

    @Test func `one user, one item and one type make empty lists, not errors`() throws {
        let data = try trainingData([Interaction("u", "a", minute: 0), Interaction("u", "a", minute: 1)])
        let similar = SimilarItems(data)
        #expect(similar.itemCount == 1)
        #expect(similar.lists(for: 0..<1)[0].isEmpty)
        let empty = SimilarItems(try trainingData([]))
        #expect(empty.lists(for: 0..<0).count == 0)
    }

    @Test func `types without weight make no pairs, and scores stay finite`() throws {
        var builder = TrainingDataBuilder(types: EventTypes(weights: ["view": 0]), latestMs: .max)
        var log = EventLogParser(file: "events.csv", types: EventTypes(weights: ["view": 0]))
        let text = "timestamp,visitorid,event,itemid\n1700000000000,u,view,a\n1700000000001,u,view,b\n"
        try log.read(Array(text.utf8)) { builder.add($0) }
        _ = try log.finish { builder.add($0) }
        let similar = SimilarItems(builder.build())
        #expect(similar.lists(for: 0..<2).entryCount == 0)
    }

    @Test func `scores are what a release gives back, between 0 and 1`() throws {
        let data = try trainingData(randomInteractions(seed: 11))
        let similar = SimilarItems(data)
        for list in 0..<similar.itemCount {
            for entry in similar.lists(for: list..<list + 1)[0] {
                #expect(entry.score == ScoreText.rounded(entry.score))
                #expect(entry.score > 0 && entry.score <= 1)
                #expect(Int(entry.item) != list)
            }
        }
    }
}

/// The formula at the head of SimilarItems.swift, with dictionaries and no index.
private struct BruteForce {
    struct Touch {
        var item: String
        var timestampMs: Int64
        var session: Int
        var weight: Double
    }

    let parameters: SimilarItems.Parameters
    var histories: [[Touch]] = []

    init(_ interactions: [Interaction], _ parameters: SimilarItems.Parameters) {
        self.parameters = parameters
        for rows in Dictionary(grouping: interactions, by: \.user).values {
            // The same order of simultaneous interactions as the table's: by item, then by type.
            let ordered = rows.sorted { ($0.timestampMs, $0.item, $0.type) < ($1.timestampMs, $1.item, $1.type) }
            histories.append(history(ordered))
        }
    }

    func history(_ ordered: [Interaction]) -> [Touch] {
        var sessions = [0]
        for (earlier, later) in zip(ordered, ordered.dropFirst()) {
            let isNew = later.timestampMs - earlier.timestampMs > parameters.sessionGapMs
            sessions.append((sessions.last ?? 0) + (isNew ? 1 : 0))
        }
        var touches: [Touch] = []
        for (row, session) in zip(ordered, sessions).reversed() {
            if let known = touches.firstIndex(where: { $0.item == row.item }) {
                touches[known].weight = max(touches[known].weight, row.weight)
            } else if touches.count < parameters.historyItemsMax {
                touches.append(
                    Touch(item: row.item, timestampMs: row.timestampMs, session: session, weight: row.weight))
            } else {
                break
            }
        }
        return touches.reversed()
    }

    func lists(hidden: Set<String>) -> [String: [String]] {
        var sums: [String: [String: Double]] = [:]
        var supports: [String: [String: Int]] = [:]
        var squares: [String: Double] = [:]
        for history in histories {
            for (place, own) in history.enumerated() {
                squares[own.item, default: 0] += own.weight * own.weight
                for (otherPlace, other) in history.enumerated() where other.item != own.item {
                    let apart = Double(abs(other.timestampMs - own.timestampMs)) / parameters.halvingMs
                    var nearness = 1 / Double(abs(otherPlace - place)) / (1 + apart)
                    if other.session != own.session { nearness *= parameters.acrossSessions }
                    if otherPlace < place { nearness *= parameters.backward }
                    sums[own.item, default: [:]][other.item, default: 0] += own.weight * other.weight * nearness
                    supports[own.item, default: [:]][other.item, default: 0] += 1
                }
            }
        }
        var lists: [String: [String]] = [:]
        for (item, row) in sums {
            let scored = row.filter { !hidden.contains($0.key) }.compactMap { other, sum in
                let support = Double(supports[item]?[other] ?? 0)
                let norm = (squares[item] ?? 0).squareRoot() * (squares[other] ?? 0).squareRoot()
                let score = Float(sum / norm * support / (support + parameters.shrinkage))
                return ItemID(other).map { ScoredItem(item: $0, score: ScoreText.rounded(score)) }
            }
            let ranked = scored.filter { $0.score > 0 }.sorted { ($1.score, $0.item) < ($0.score, $1.item) }
            lists[item] = ranked.prefix(parameters.itemsMax).map { ItemListText.text([$0]) }
        }
        return lists
    }
}
