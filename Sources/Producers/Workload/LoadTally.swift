// What is counted and measured, over the whole test or a part of it. Latencies are those of answers that were good:
// a refusal within a microsecond must not make the system look fast. Failures are counted by kind, and have a limit.

import Histogram

/// Latencies in microseconds, exact to three digits, up to an hour.
typealias LatencyHistogram = Histogram<UInt32>

/// What a share of the load came to.
struct LoadTally: Sendable {
    /// From when a request was due until its answer was there.
    var recommendations = Self.histogram()
    /// From when an event was due until it was on the stream.
    var events = Self.histogram()
    /// From when an event was due until an answer showed it.
    var freshness = Self.histogram()
    /// How late the load test itself was: from when it could have sent until it did.
    var lateness = Self.histogram()
    /// Everything that was sent, good or not.
    var requestsSent = 0
    var eventsSent = 0
    var readsBackSent = 0
    /// Arrivals that were not sent any more, since the time was over.
    var unsent = 0
    /// Failures by kind.
    var errors: [String: Int] = [:]
    /// Good answers by rung of the degradation ladder.
    var rungs: [String: Int] = [:]
    /// Recommended items by source, in all good answers.
    var items: [String: Int] = [:]

    var errorCount: Int { errors.values.reduce(0, +) }
    var sent: Int { requestsSent + eventsSent + readsBackSent }

    /// Failures among all that was to be sent.
    var errorShare: Double {
        let all = sent + unsent
        return all == 0 ? 0 : Double(errorCount) / Double(all)
    }

    /// The median time from an event to an answer that shows it, in milliseconds; nil before the first.
    var freshnessP50Ms: Double? { freshness.totalCount > 0 ? freshness.milliseconds(50) : nil }

    mutating func fail(_ kind: String) { errors[kind, default: 0] += 1 }

    mutating func note(_ glance: AnswerGlance) {
        rungs[glance.rung ?? "none", default: 0] += 1
        items["online", default: 0] += glance.online
        items["offline", default: 0] += glance.offline
        items["popular", default: 0] += glance.popular
    }

    private static func histogram() -> LatencyHistogram {
        LatencyHistogram(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
    }
}

extension Histogram where Count == UInt32 {
    /// Records a time; one of more than an hour counts as an hour.
    mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = Swift.max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        record(Swift.min(UInt64(microseconds), highestTrackableValue))
    }

    /// A percentile in milliseconds; 0 where nothing is recorded.
    func milliseconds(_ percentile: Double) -> Double {
        totalCount == 0 ? 0 : Double(Swift.min(valueAtPercentile(percentile), max)) / 1000
    }
}
