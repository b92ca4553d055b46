// Measures against examples worked by hand, and intervals against what is known of means.

import Models
import Testing

@testable import Learning

@Suite struct `Measures of a list` {
    private func values(_ list: [UInt32], _ targets: [UInt32], length: Int = 10) -> [ListMetric: Double] {
        let values = ListMetric.values(list, targets: targets, length: length)
        return Dictionary(uniqueKeysWithValues: zip(ListMetric.allCases, values.map(Double.init)))
    }

    private func near(_ value: Double?, _ expected: Double) -> Bool { value.map { abs($0 - expected) < 1e-6 } ?? false }

    @Test func `agree with an example worked by hand`() {
        // Hits at places 1 and 4 of five, three targets.
        let found = values([7, 1, 2, 8, 3], [7, 8, 9], length: 5)
        let ideal = 1 + 1 / 1.584_962_500_721_156 + 0.5
        #expect(near(found[.ndcg], (1 + 1 / 2.321_928_094_887_362) / ideal))
        #expect(near(found[.recall], 2.0 / 3))
        #expect(near(found[.capped], 2.0 / 3))
        #expect(near(found[.precision], 0.4))
        #expect(near(found[.map], (1 + 0.5) / 3))
        #expect(near(found[.hitRate], 1))
    }

    @Test func `are 1 for the best list and 0 for one without a hit`() {
        let best = values([1, 2, 3], [1, 2, 3], length: 3)
        #expect(ListMetric.allCases.allSatisfy { near(best[$0], 1) })
        let worst = values([4, 5, 6], [1, 2, 3], length: 3)
        #expect(ListMetric.allCases.allSatisfy { near(worst[$0], 0) })
        #expect(ListMetric.values([], targets: [1], length: 3).allSatisfy { $0 == 0 })
    }

    @Test func `look no further than the length, and ask no more than fits`() {
        let found = values([1, 2, 9], [1, 2, 3, 4, 9], length: 2)
        #expect(near(found[.ndcg], 1))
        #expect(near(found[.capped], 1))
        #expect(near(found[.recall], 2.0 / 5))
        #expect(near(found[.precision], 1))
        #expect(near(values([1], [1, 2], length: 4)[.precision], 0.25))
    }
}

@Suite struct `Intervals of means` {
    @Test func `hold the mean, and are as wide as the central limit says`() throws {
        var random = SplitMix64(seed: 5)
        let values = (0..<2_000).map { _ in Float(random.unit()) }
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        let bootstrap = try Bootstrap([values], resamples: 1_000, seed: 1)
        let (low, high) = try #require(bootstrap.interval(0))
        #expect(low < mean && mean < high)
        // 2 * 1.96 * sqrt(1/12) / sqrt(2000)
        let expected = 0.0253
        #expect(abs((high - low) / expected - 1) < 0.15, "\(high - low)")
    }

    @Test func `of a difference are of the same users`() throws {
        var random = SplitMix64(seed: 5)
        let first = (0..<500).map { _ in Float(random.unit()) }
        let second = first.map { $0 + 0.001 }
        let bootstrap = try Bootstrap([first, second], resamples: 200, seed: 1)
        let (low, high) = try #require(bootstrap.interval(of: 1, minus: 0))
        #expect(abs(low - 0.001) < 1e-5 && abs(high - 0.001) < 1e-5, "\(low) \(high)")
        let again = try Bootstrap([first, second], resamples: 200, seed: 1)
        let (interval, repeated) = (try #require(bootstrap.interval(0)), try #require(again.interval(0)))
        #expect(interval == repeated)
    }

    @Test func `are absent without users or drawings`() throws {
        let (nobody, nothing) = (
            try Bootstrap([[]], resamples: 10, seed: 1), try Bootstrap([[1, 2]], resamples: 0, seed: 1)
        )
        #expect(nobody.interval(0) == nil)
        #expect(nothing.interval(0) == nil)
    }
}
