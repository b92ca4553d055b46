// When what arrives, all of it fixed before the first request: a slow answer moves nothing that comes after it.

import Models

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One thing that is due.
package struct Arrival: Hashable, Sendable {
    /// What is to be done.
    package enum Kind: UInt8, Sendable {
        /// Ask for a user's recommendations.
        case recommendations
        /// Write an event.
        case event
        /// Write an event, and read until it shows.
        case eventReadBack
    }

    /// When, in nanoseconds from the start.
    package let dueNs: Int64
    /// Which row of the population, as a fraction of 2^32.
    package let pick: UInt32
    /// What.
    package let kind: Kind
}

/// The arrivals of a load test, in order.
package struct ArrivalSchedule: Sendable {
    /// All of them.
    package let arrivals: [Arrival]
    /// The rate once the ramp is over, per second.
    package let peakRatePerSecond: Double
    /// How long they keep coming, in seconds.
    package let durationSeconds: Double

    /// Gaps are exponential, as of users who know nothing of each other, some of them tenfold; all are then stretched
    /// so that exactly the planned number fills exactly the duration. The ramp thins out the beginning.
    package init(_ parameters: WorkloadParameters) {
        let count = parameters.samplesCount
        var random = SplitMix64(seed: parameters.seed)
        var positions: [Double] = []
        positions.reserveCapacity(count)
        var sum = 0.0
        // One gap more than arrivals: the last one leads to the end.
        for index in 0...count {
            // 1 - unit is never 0.
            let gap = -log(1 - random.unit())
            sum += random.unit() < parameters.delayedShare ? gap * 10 : gap
            if index < count { positions.append(sum) }
        }
        let (seconds, ramp) = (parameters.secondsAtPeak, parameters.rampSeconds)
        // With --max-samples below what the rate makes, the test ends early instead of slowing down.
        let peak = parameters.ratePerSecond ?? Double(count) / seconds
        let secondsUsed = min(seconds, Double(count) / peak)
        arrivals = positions.map { position in
            let reached = position / sum * secondsUsed
            let due = reached < ramp / 2 ? (2 * ramp * reached).squareRoot() : reached + ramp / 2
            let kind: Arrival.Kind
            if random.unit() >= parameters.mix.eventShare {
                kind = .recommendations
            } else {
                kind = random.unit() < parameters.freshnessShare ? .eventReadBack : .event
            }
            return Arrival(dueNs: Int64(due * 1e9), pick: UInt32(truncatingIfNeeded: random.next()), kind: kind)
        }
        peakRatePerSecond = peak
        durationSeconds =
            secondsUsed < ramp / 2 ? (2 * ramp * secondsUsed).squareRoot() : secondsUsed + ramp / 2
    }
}
