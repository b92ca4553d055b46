// Popular items against a direct sum, their categories, and the promise that a catalogue of n items fills n places.

import Learning
import Models
import Testing

struct PopularItemsTests {
    @Test func `scores are the sum of weights, each worth less the older it is`() throws {
        let interactions = randomInteractions(seed: 5)
        let data = try trainingData(interactions)
        var parameters = PopularItems.Parameters()
        parameters.windowMs = 10_000 * 60_000
        let newest = interactions.map(\.timestampMs).max() ?? 0
        var expected: [String: Double] = [:]
        for row in interactions {
            let share = 1 - Double(newest - row.timestampMs) / Double(parameters.windowMs)
            expected[row.item, default: 0] += max(0, share) * row.weight
        }
        let popular = PopularItems(data, parameters: parameters)
        let ranked = expected.map { ($0.key, ScoreText.rounded(Float($0.value))) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        #expect(popular.overall.map { data.catalogue.items.text(at: Int($0.item)) } == ranked.map(\.0))
        #expect(popular.overall.map(\.score) == ranked.map(\.1))
    }

    @Test func `available items without interactions follow in bytewise order, unavailable ones never`() throws {
        let data = try trainingData(
            [Interaction("u", "m", minute: 1), Interaction("u", "gone", minute: 1)],
            properties: unavailable(["gone"]) + "1700000000000,z,available,1\n1700000000000,a,available,1\n")
        #expect(data.catalogue.readable(PopularItems(data).overall) == ["m:1", "a:0", "z:0"])
        var parameters = PopularItems.Parameters()
        parameters.overallMax = 2
        #expect(data.catalogue.readable(PopularItems(data, parameters: parameters).overall) == ["m:1", "a:0"])
    }

    @Test func `an item counts in every category of its path, up to the longest list`() throws {
        let properties =
            "timestamp,itemid,property,value\n"
            + ["a", "b", "c", "d"].map { "1700000000000,\($0),categoryid,\($0 == "d" ? "root" : "leaf")\n" }.joined()
        let data = try trainingData(
            [Interaction("u", "b", minute: 1), Interaction("v", "b", minute: 1), Interaction("u", "d", minute: 1)],
            properties: properties, tree: "categoryid,parentid\nleaf,root\nroot,\nempty,root\n")
        var parameters = PopularItems.Parameters()
        parameters.categoryMax = 3
        let popular = PopularItems(data, parameters: parameters)
        let lists = Dictionary(
            uniqueKeysWithValues: popular.byCategory.enumerated().map { category, list in
                (data.catalogue.forest.categories.text(at: category), data.catalogue.readable(list))
            })
        #expect(lists == ["leaf": ["b:2", "a:0", "c:0"], "root": ["b:2", "d:1", "a:0"], "empty": []])
    }

    @Test func `a cart weighs more than a view`() throws {
        let data = try trainingData([Interaction("u", "a", minute: 1), Interaction("u", "b", "addtocart", minute: 1)])
        #expect(data.catalogue.readable(PopularItems(data).overall) == ["b:2", "a:1"])
    }

    @Test func `no data at all makes an empty list`() throws {
        #expect(PopularItems(try trainingData([])).overall.isEmpty)
    }
}
