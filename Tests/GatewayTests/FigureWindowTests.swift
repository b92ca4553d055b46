// The console's figures against numbers computed by hand.

import Telemetry
import Testing

@testable import Gateway

@Suite struct `The window of figures` {
    private static let requestBuckets = HistogramScale.requestSeconds.bounds.count + 1
    private static let freshnessBuckets = HistogramScale.freshnessSeconds.bounds.count + 1

    /// Counts with all buckets empty but these.
    private static func counts(_ buckets: Int, _ filled: [Int: Int64]) -> [Int64] {
        (0..<buckets).map { filled[$0] ?? 0 }
    }

    private static func totals(
        seconds: Double, requests: [Int: Int64] = [:], freshness: [String: [Int: Int64]] = [:],
        items: [Int] = [0, 0, 0], rungs: [Int] = [0, 0, 0, 0]
    ) -> FigureTotals {
        FigureTotals(
            atNanoseconds: UInt64(seconds * 1e9), requests: counts(requestBuckets, requests),
            freshness: freshness.mapValues { counts(freshnessBuckets, $0) }, items: items, rungs: rungs)
    }

    private static func window(_ totals: FigureTotals..., seconds: Int = 10) -> FigureWindow {
        var window = FigureWindow(seconds: seconds)
        for moment in totals { window.note(moment) }
        return window
    }

    private func expect(
        _ value: Double?, is expected: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let value = try #require(value, sourceLocation: sourceLocation)
        #expect(abs(value - expected) < 1e-12, "\(value) is not \(expected)", sourceLocation: sourceLocation)
    }

    @Test func `one look shows no growth, so no rate and no quantile`() {
        let window = Self.window(Self.totals(seconds: 1))
        #expect(window.requestsPerSecond == nil && window.eventsPerSecond == nil)
        #expect(window.requestSeconds(0.5) == nil && window.freshnessSeconds(0.99) == nil)
        #expect(window.items == [0, 0, 0] && window.rungs == [0, 0, 0, 0])
        #expect(FigureWindow(seconds: 10).requestsPerSecond == nil)
    }

    @Test func `rates and quantiles are those of what came between`() throws {
        // Before: 1000 requests between 5 and 10 ms, which must not count. Since: 90 between 1 and 2 ms, 9 between 2 and 3,
        // 1 between 10 and 25; within four seconds.
        let window = Self.window(
            Self.totals(seconds: 10, requests: [6: 1000], items: [100, 50, 7], rungs: [40, 3, 2, 1]),
            Self.totals(
                seconds: 14, requests: [3: 90, 4: 9, 6: 1000, 7: 1], items: [170, 80, 7], rungs: [140, 3, 2, 2]))
        try expect(window.requestsPerSecond, is: 25)
        // The 50th of 90 in a bucket that goes from 1 to 2 ms; the 99th is the last one in its bucket.
        try expect(window.requestSeconds(0.5), is: 0.001 + 0.001 * 50 / 90)
        try expect(window.requestSeconds(0.99), is: 0.003)
        try expect(window.requestSeconds(0.995), is: 0.01 + 0.015 * 0.5)
        try expect(window.requestSeconds(1), is: 0.025)
        #expect(window.items == [70, 30, 0] && window.rungs == [100, 0, 0, 1])
    }

    @Test func `what took longer than the last bound counts as that bound`() throws {
        let window = Self.window(
            Self.totals(seconds: 0), Self.totals(seconds: 1, requests: [Self.requestBuckets - 1: 5]))
        try expect(window.requestSeconds(0.5), is: 10)
        try expect(window.requestsPerSecond, is: 5)
    }

    @Test func `without requests there is a rate of nought and no quantile`() throws {
        let window = Self.window(Self.totals(seconds: 0, requests: [2: 9]), Self.totals(seconds: 1, requests: [2: 9]))
        try expect(window.requestsPerSecond, is: 0)
        #expect(window.requestSeconds(0.99) == nil)
    }

    @Test func `what is older than the window is forgotten`() throws {
        var window = FigureWindow(seconds: 10)
        // One look a second; ten requests in the first second, then one in each.
        for second in 0...10 {
            window.note(Self.totals(seconds: Double(second), requests: [3: second == 0 ? 0 : Int64(second) + 9]))
        }
        try expect(window.requestsPerSecond, is: 1.9)
        window.note(Self.totals(seconds: 11, requests: [3: 20]))
        try expect(window.requestsPerSecond, is: 1)
        // A look that came late: the window is longer, the rate is still right.
        window.note(Self.totals(seconds: 25, requests: [3: 160]))
        try expect(window.requestsPerSecond, is: 10)
    }

    @Test func `the first requests of a gateway count from nothing`() throws {
        let before = FigureTotals(atNanoseconds: 0)
        let window = Self.window(before, Self.totals(seconds: 2, requests: [0: 4], rungs: [4, 0, 0, 0]))
        try expect(window.requestsPerSecond, is: 2)
        try expect(window.requestSeconds(0.5), is: 0.000_125)
        #expect(window.rungs == [4, 0, 0, 0])
    }

    @Test func `freshness is added up over the instances, whatever becomes of them`() throws {
        let window = Self.window(
            Self.totals(seconds: 0, freshness: ["stays": [0: 10], "again": [2: 50], "gone": [3: 70]]),
            // One went on, one started again, one has ended, and one is new.
            Self.totals(seconds: 5, freshness: ["stays": [0: 12], "again": [2: 5], "new": [1: 3]]))
        try expect(window.eventsPerSecond, is: 2)
        // 2 up to 1 ms, 3 up to 2 ms, 5 up to 3 ms.
        try expect(window.freshnessSeconds(0.5), is: 0.002)
        try expect(window.freshnessSeconds(0.99), is: 0.002 + 0.001 * 4.9 / 5)
    }

    @Test func `counts of another build's buckets are left out`() throws {
        var latest = Self.totals(seconds: 1, freshness: ["ours": [0: 1]])
        latest.freshness["other"] = [1, 2, 3]
        let window = Self.window(Self.totals(seconds: 0), latest)
        try expect(window.eventsPerSecond, is: 1)
    }
}
