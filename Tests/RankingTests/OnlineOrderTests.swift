// How touches become one order of candidates.

import Models
import Testing

@testable import Ranking

@Suite struct `The online order` {
    private func entry(
        _ name: String, ageMs: Int64 = 0, type: String = "view", _ similar: [(String, Float)]
    ) throws -> OnlineEntry {
        OnlineEntry(
            item: try #require(ItemID(name)), timestampMs: 1_700_000_000_000 - ageMs, id: .zero, type: type,
            generation: 1,
            similar: try similar.map { ScoredItem(item: try #require(ItemID($0.0)), score: $0.1) })
    }

    private let plain = OnlineOrder(
        itemsLatest: 3, types: EventTypes(weights: ["view": 1, "addtocart": 2]), halfLifeMs: nil)

    @Test func `is plain similarity among equal touches`() throws {
        let entries = [try entry("x", [("a", 0.9), ("b", 0.2)]), try entry("y", [("c", 0.5), ("d", 0.2)])]
        #expect(plain.candidates(from: entries).map(\.item.text) == ["a", "c", "b", "d"])
    }

    @Test func `looks at the latest items only`() throws {
        let entries = try (0..<5).map { try entry("x\($0)", [("s\($0)", 0.5)]) }
        #expect(plain.candidates(from: entries).map(\.item.text) == ["s0", "s1", "s2"])
    }

    @Test func `counts a cart twice as much as a view`() throws {
        let entries = [try entry("x", [("a", 0.5)]), try entry("y", type: "addtocart", [("b", 0.3)])]
        let candidates = plain.candidates(from: entries)
        #expect(candidates.map(\.item.text) == ["b", "a"])
        #expect(candidates.map(\.similarity) == [0.3, 0.5])
        #expect(candidates.map(\.cause) == [1, 0])
    }

    @Test func `halves a touch per half-life, measured from the newest`() throws {
        let order = OnlineOrder(itemsLatest: 3, types: .standard, halfLifeMs: 1000)
        let entries = [try entry("x", [("a", 0.1)]), try entry("y", ageMs: 2500, [("b", 0.5)])]
        let scores = order.candidates(from: entries).map(\.score)
        #expect(abs(scores[0] - 0.1) < 1e-6)
        #expect(abs(scores[1] - 0.5 * 0.176_776_7) < 1e-6)
    }

    @Test func `survives a touch that is decades older than the newest`() throws {
        let order = OnlineOrder(itemsLatest: 3, types: .standard, halfLifeMs: 1000)
        let entries = [try entry("x", [("a", 0.1)]), try entry("y", ageMs: 1_600_000_000_000, [("b", 0.5)])]
        #expect(order.candidates(from: entries).map(\.score) == [0.1, 0])
    }
}
