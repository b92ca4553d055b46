// What grew between two looks: rates and quantiles of the last seconds out of totals that only grow. Pure.

import Telemetry

/// Totals at one moment.
struct FigureTotals: Sendable {
    /// When, in nanoseconds of a steady clock.
    var atNanoseconds: UInt64 = 0
    /// Requests for recommendations by how long they took, by bucket.
    var requests: [Int64] = []
    /// Events by how long they took to show, by features instance and bucket.
    var freshness: [String: [Int64]] = [:]
    /// Items in answers by source, in the order online, offline, popular.
    var items: [Int] = [0, 0, 0]
    /// Answers by rung, in the order of `Rung`.
    var rungs: [Int] = []
}

/// The latest totals, no more than a window of time needs.
struct FigureWindow: Sendable {
    private let lengthNanoseconds: UInt64
    private var totals: [FigureTotals] = []

    init(seconds: Int) { lengthNanoseconds = UInt64(seconds) * 1_000_000_000 }

    /// Takes totals in.
    mutating func note(_ latest: FigureTotals) {
        totals.append(latest)
        // The last one that is as old as the window stays: growth is counted from it.
        while totals.count > 2, latest.atNanoseconds - totals[1].atNanoseconds >= lengthNanoseconds {
            totals.removeFirst()
        }
    }

    /// Requests a second; nil before the second look.
    var requestsPerSecond: Double? {
        guard let seconds else { return nil }
        return Double(growth(\.requests).reduce(0, +)) / seconds
    }

    /// How long requests took, a quantile in seconds; nil without any.
    func requestSeconds(_ share: Double) -> Double? {
        HistogramScale.requestSeconds.quantile(share, of: growth(\.requests))
    }

    /// How long events took to show, a quantile in seconds; nil without any.
    func freshnessSeconds(_ share: Double) -> Double? {
        HistogramScale.freshnessSeconds.quantile(share, of: eventGrowth)
    }

    /// Events a second that came to show; nil before the second look.
    var eventsPerSecond: Double? { seconds.map { Double(eventGrowth.reduce(0, +)) / $0 } }

    /// Items in answers by source.
    var items: [Int] { growth(\.items) }
    /// Answers by rung.
    var rungs: [Int] { growth(\.rungs) }

    private var seconds: Double? {
        guard let first = totals.first, let last = totals.last, last.atNanoseconds > first.atNanoseconds else {
            return nil
        }
        return Double(last.atNanoseconds - first.atNanoseconds) / 1e9
    }

    private func growth<Number: BinaryInteger>(_ path: KeyPath<FigureTotals, [Number]>) -> [Number] {
        guard let first = totals.first, let last = totals.last else { return [] }
        return Self.growth(from: first[keyPath: path], to: last[keyPath: path])
    }

    private var eventGrowth: [Int64] {
        guard let first = totals.first, let last = totals.last else { return [] }
        var all = [Int64](repeating: 0, count: HistogramScale.freshnessSeconds.bounds.count + 1)
        for (instance, counts) in last.freshness where counts.count == all.count {
            // One that came since, or started again, has grown from nothing.
            let before = first.freshness[instance] ?? []
            all = zip(all, Self.growth(from: before, to: counts)).map(+)
        }
        return all
    }

    private static func growth<Number: BinaryInteger>(from first: [Number], to last: [Number]) -> [Number] {
        guard first.count == last.count, zip(first, last).allSatisfy({ $0 <= $1 }) else { return last }
        return zip(first, last).map { $1 - $0 }
    }
}
