// The percentiles of a histogram, for a table, for machines and for a picture.

import Histogram

/// What is said of a latency. All times in milliseconds; all are 0 where nothing was measured.
package struct LatencySummary: Codable, Hashable, Sendable {
    /// How many were measured.
    package let count: Int
    package let minMs: Double
    package let meanMs: Double
    package let p50Ms: Double
    package let p90Ms: Double
    package let p95Ms: Double
    package let p99Ms: Double
    package let p999Ms: Double
    package let p9999Ms: Double
    package let maxMs: Double
    /// The whole distribution, as percentiles that come closer to 100 by halves.
    package let distribution: [Point]

    /// So many percent were no slower than so many milliseconds.
    package struct Point: Codable, Hashable, Sendable {
        package let percentile: Double
        package let ms: Double
    }

    init(_ histogram: LatencyHistogram) {
        count = Int(histogram.totalCount)
        minMs = count == 0 ? 0 : Double(histogram.min) / 1000
        meanMs = count == 0 ? 0 : histogram.mean / 1000
        p50Ms = histogram.milliseconds(50)
        p90Ms = histogram.milliseconds(90)
        p95Ms = histogram.milliseconds(95)
        p99Ms = histogram.milliseconds(99)
        p999Ms = histogram.milliseconds(99.9)
        p9999Ms = histogram.milliseconds(99.99)
        maxMs = count == 0 ? 0 : Double(histogram.max) / 1000
        var points: [Point] = []
        if count > 0 {
            for value in histogram.percentiles(ticksPerHalfDistance: 5) {
                points.append(
                    Point(
                        percentile: value.percentileLevelIteratedTo, ms: Double(min(value.value, histogram.max)) / 1000
                    ))
            }
        }
        distribution = points
    }

    private enum CodingKeys: String, CodingKey {
        case count, distribution
        case minMs = "min_ms"
        case meanMs = "mean_ms"
        case p50Ms = "p50_ms"
        case p90Ms = "p90_ms"
        case p95Ms = "p95_ms"
        case p99Ms = "p99_ms"
        case p999Ms = "p999_ms"
        case p9999Ms = "p9999_ms"
        case maxMs = "max_ms"
    }
}
