// What a load test is asked to do. Everything is checked here, so that nothing fails after ten minutes of load.

/// Why a load test cannot be run, in words for whoever typed the options.
package struct WorkloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what would be right.
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Recommendation requests and events, in parts.
package struct WorkloadMix: Hashable, Sendable, CustomStringConvertible {
    /// Parts that ask for recommendations.
    package let requests: Int
    /// Parts that write an event.
    package let events: Int

    /// Nine requests for every event.
    package static let standard = WorkloadMix(requests: 9, events: 1)

    private init(requests: Int, events: Int) {
        self.requests = requests
        self.events = events
    }

    /// Reads `9:1`, recommendations before events; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let requests = parts[0], let events = parts[1] else { return nil }
        guard (0...1000).contains(requests), (0...1000).contains(events), requests + events > 0 else { return nil }
        self.init(requests: requests, events: events)
    }

    /// The probability that an arrival writes an event.
    var eventShare: Double { Double(events) / Double(requests + events) }

    package var description: String { "\(requests):\(events)" }
}

/// The load, and how it is applied.
package struct WorkloadParameters: Sendable {
    /// The most arrivals of one test; they are all planned beforehand, 16 bytes each.
    package static let samplesCountMax = 5_000_000

    /// How long arrivals keep coming, in seconds.
    package var durationSeconds = 900.0
    /// The most arrivals; nil for as many as the rate makes, or 20,000 if there is no rate either.
    package var samplesMax: Int?
    /// Arrivals per second once the ramp is over; nil for what spreads the samples over the duration.
    package var ratePerSecond: Double?
    /// How long the rate rises from nothing, evenly, in seconds.
    package var rampSeconds = 0.0
    /// The share of arrivals that keep the next one waiting ten times as long.
    package var delayedShare = 0.005
    /// Recommendation requests to events.
    package var mix = WorkloadMix.standard
    /// The share of events that are read back, to see how long they take to show.
    package var freshnessShare = 0.1
    /// How long such a read may wait for its event, in milliseconds.
    package var freshnessWaitMs = 2000
    /// Another seed gives another schedule of the same shape.
    package var seed: UInt64 = 1
    /// Connections; arrivals wait for a free one when the system is slow, and that wait counts.
    package var connections = 64
    /// Recommendations asked for by a request.
    package var places = 100
    /// When a request is given up, in milliseconds.
    package var timeoutMs = 10_000
    /// How long arrivals that are due may still be sent once the duration is over, in seconds.
    package var overtimeSeconds = 30.0

    package init() {}

    /// Throws ``WorkloadError`` for the first option that cannot be.
    package func validate() throws(WorkloadError) {
        try Self.check("--duration", durationSeconds, 1...604_800)
        try Self.check("--ramp", rampSeconds, 0...durationSeconds)
        try Self.check("--delayed-rate", delayedShare, 0...1)
        try Self.check("--freshness-share", freshnessShare, 0...1)
        try Self.check("--wait-ms", Double(freshnessWaitMs), 0...10_000)
        try Self.check("--connections", Double(connections), 1...4096)
        try Self.check("--places", Double(places), 1...500)
        try Self.check("--timeout-ms", Double(timeoutMs), 1...600_000)
        if let samplesMax {
            try Self.check("--max-samples", Double(samplesMax), 1...Double(Self.samplesCountMax))
        }
        if let ratePerSecond { try Self.check("--rate", ratePerSecond, 0.001...1_000_000) }
        guard samplesCount <= Self.samplesCountMax else {
            throw WorkloadError(
                "--rate and --duration make \(samplesCount) arrivals; more than \(Self.samplesCountMax) are not "
                    + "planned in one test")
        }
        guard samplesCount >= 1 else {
            throw WorkloadError("--rate and --duration make no arrival at all; use a longer duration or a higher rate")
        }
    }

    /// For how long the peak rate would have to hold to make as many arrivals: the ramp makes half as many as it could.
    var secondsAtPeak: Double { durationSeconds - rampSeconds / 2 }

    /// How many arrivals there will be, or would be, were there no upper limit.
    var samplesCount: Int {
        guard let ratePerSecond else { return samplesMax ?? 20_000 }
        return min(samplesMax ?? .max, Int((ratePerSecond * secondsAtPeak).rounded()))
    }

    private static func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws(WorkloadError) {
        guard range.contains(value) else {
            throw WorkloadError(
                "\(name) must be \(Decimal.text(range.lowerBound)) to \(Decimal.text(range.upperBound)), not "
                    + Decimal.text(value))
        }
    }
}
