// The contract of the blend, held against random states: duplicates, overlaps, short and empty sides, exclusions.

import Models
import Testing

@testable import Ranking

/// A small generator of its own, so that a failing state can be named by its seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func item(_ number: Int) throws -> ItemID { try #require(ItemID("i\(number)")) }

/// A random state: lists that repeat and overlap, some of them empty.
func randomInput(seed: UInt64) throws -> (input: BlendInput, count: Int) {
    var random = SplitMix(state: seed)
    let catalogue = Int.random(in: 1...60, using: &random)
    func list(longest: Int) throws -> [ScoredItem] {
        let length = Int.random(in: 0...longest, using: &random) * Int.random(in: 0...1, using: &random)
        return try (0..<length).map { place in
            ScoredItem(item: try item(Int.random(in: 0..<catalogue, using: &random)), score: Float(longest - place))
        }
    }
    let online = try list(longest: 40).map {
        OnlineCandidate(item: $0.item, score: $0.score, similarity: $0.score, cause: 0)
    }
    let offline = try list(longest: 40)
    let popular = try (0..<catalogue).map { ScoredItem(item: try item($0), score: 1) }
    let excluded = try (0..<Int.random(in: 0...12, using: &random)).map { _ in
        try item(Int.random(in: 0..<catalogue, using: &random))
    }
    return (
        BlendInput(online: online, offline: offline, popular: popular, excluded: ItemSet(excluded)),
        Int.random(in: 1...80, using: &random)
    )
}

@Suite struct `The interleave blend` {
    @Test(arguments: 0..<2000)
    func `keeps its parity, repeats nothing and fills every place`(seed: Int) throws {
        let (input, count) = try randomInput(seed: UInt64(seed))
        let places = Blend.interleave.places(count, from: input)

        #expect(Set(places.map(\.item)).count == places.count, "an item twice, seed \(seed)")
        #expect(places.allSatisfy { !input.excluded.contains($0.item) }, "an excluded item, seed \(seed)")
        let eligible = Set(input.popular.map(\.item)).subtracting(input.excluded.items)
        #expect(places.count == min(count, eligible.count), "a short answer, seed \(seed)")

        var used = Set(input.excluded.items)
        for (index, place) in places.enumerated() {
            // What each side could still give decides the source, by an account that shares no code with the blend.
            let online = input.online.first { !used.contains($0.item) }?.item
            let offline = input.offline.first { !used.contains($0.item) }?.item
            let wanted: Source =
                switch (index % 2 == 0, online != nil, offline != nil) {
                case (_, false, false): .popular
                case (true, true, _), (false, true, false): .online
                case (false, _, true), (true, false, true): .offline
                }
            #expect(place.source == wanted, "place \(index + 1), seed \(seed)")
            if wanted == .online { #expect(place.item == online, "place \(index + 1), seed \(seed)") }
            if wanted == .offline { #expect(place.item == offline, "place \(index + 1), seed \(seed)") }
            used.insert(place.item)
        }
    }

    @Test(arguments: Blend.allCases)
    func `like every blend repeats nothing, returns nothing excluded and fills k`(blend: Blend) throws {
        for seed in 5000..<5300 {
            let (input, count) = try randomInput(seed: UInt64(seed))
            let places = blend.places(count, from: input)
            let eligible = Set(input.popular.map(\.item)).subtracting(input.excluded.items)
            #expect(places.count == min(count, eligible.count), "seed \(seed)")
            #expect(Set(places.map(\.item)).count == places.count, "seed \(seed)")
            #expect(places.allSatisfy { !input.excluded.contains($0.item) }, "seed \(seed)")
            #expect(places == blend.places(count, from: input), "the same state gave another answer, seed \(seed)")
        }
    }

    @Test func `puts the next unused item in place where both sides hold the same one`() throws {
        // The case that a naive zip gets wrong: B would fall out of place 3 and C, D would change sides.
        let input = BlendInput(
            online: try ["a", "b", "c"].map {
                OnlineCandidate(item: try #require(ItemID($0)), score: 1, similarity: 1, cause: 0)
            },
            offline: try ["b", "d", "e"].map { ScoredItem(item: try #require(ItemID($0)), score: 1) },
            popular: [], excluded: [])
        let places = Blend.interleave.places(10, from: input)
        #expect(places.map(\.item.text) == ["a", "b", "c", "d", "e"])
        #expect(places.map(\.source) == [.online, .offline, .online, .offline, .offline])
        #expect(places.map(\.sourcePlace) == [1, 1, 3, 2, 3])
    }

    @Test func `accounts for every candidate that it leaves out`() throws {
        for seed in 9000..<9200 {
            let (input, count) = try randomInput(seed: UInt64(seed))
            let places = Blend.interleave.places(count, from: input)
            let dropped = Blend.interleave.dropped(from: input, places: places)
            let fromLists = places.filter { $0.source != .popular }.count
            #expect(fromLists + dropped.count == input.online.count + input.offline.count, "seed \(seed)")
        }
    }
}

@Suite struct `Score blends` {
    @Test func `rank fusion adds the reciprocal ranks of both lists`() throws {
        let input = BlendInput(
            online: try ["a", "b"].map {
                OnlineCandidate(item: try #require(ItemID($0)), score: 1, similarity: 1, cause: 0)
            },
            offline: try ["b", "c"].map { ScoredItem(item: try #require(ItemID($0)), score: 1) },
            popular: [], excluded: [])
        let places = Blend.rrf.places(3, from: input)
        #expect(places.map(\.item.text) == ["b", "a", "c"])
        #expect(abs(places[0].score - (1.0 / 62 + 1.0 / 61)) < 1e-6)
        #expect(abs(places[1].score - 1.0 / 61) < 1e-6)
    }

    @Test func `the weighted mean compares scores relative to each list's best`() throws {
        let input = BlendInput(
            online: [OnlineCandidate(item: try item(1), score: 10, similarity: 1, cause: 0)],
            offline: [ScoredItem(item: try item(2), score: 0.5), ScoredItem(item: try item(1), score: 0.25)],
            popular: [], excluded: [])
        let places = Blend.weighted.places(2, from: input)
        #expect(places.map(\.score) == [0.75, 0.5])
    }
}
