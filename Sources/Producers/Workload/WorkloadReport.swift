// What a load test found, as one value that is printed, written as JSON and drawn.

import WebClient

/// The report of a load test.
package struct WorkloadReport: Codable, Sendable {
    /// What was asked for.
    package let plan: Plan
    /// How long it took, in seconds, the last answers included.
    package let elapsedSeconds: Double
    /// Whether somebody ended it early.
    package let wasStopped: Bool
    /// What was sent, good or not.
    package let sent: Sent
    /// From when a request was due until its answer was there.
    package let recommendations: LatencySummary
    /// From when an event was due until it was on the stream.
    package let events: LatencySummary
    /// From when an event was due until an answer showed it.
    package let freshness: LatencySummary
    /// How late the load test itself was: from when it could have sent until it did.
    package let lateness: LatencySummary
    /// Failures by kind.
    package let errors: [String: Int]
    /// Failures among all that was to be sent, 0 to 1.
    package let errorShare: Double
    /// Good answers by rung of the degradation ladder.
    package let servedBy: [String: Int]
    /// Recommended items by source, in all good answers.
    package let items: [String: Int]
    /// The test's course.
    package let points: [LoadPoint]

    /// What was asked for.
    package struct Plan: Codable, Sendable {
        package let arrivals: Int
        package let durationSeconds: Double
        package let peakRatePerSecond: Double
        package let rampSeconds: Double
        package let delayedShare: Double
        package let mix: String
        package let seed: UInt64
        package let connections: Int
        package let places: Int
        package let population: String
        package let gateway: String
        package let eventPath: String

        private enum CodingKeys: String, CodingKey {
            case arrivals, mix, seed, connections, places, population, gateway
            case durationSeconds = "duration_seconds"
            case peakRatePerSecond = "peak_rate_per_second"
            case rampSeconds = "ramp_seconds"
            case delayedShare = "delayed_share"
            case eventPath = "event_path"
        }
    }

    /// What was sent, good or not.
    package struct Sent: Codable, Sendable {
        /// Requests for recommendations that the plan asked for.
        package let recommendations: Int
        /// Events.
        package let events: Int
        /// Requests that read an event back.
        package let readsBack: Int
        /// What was due and not sent any more, since the time was over.
        package let unsent: Int

        private enum CodingKeys: String, CodingKey {
            case recommendations, events, unsent
            case readsBack = "reads_back"
        }
    }

    init(
        _ total: LoadTally, points: [LoadPoint], parameters: WorkloadParameters, schedule: ArrivalSchedule,
        population: String, targets: LoadTargets, elapsedSeconds: Double, wasStopped: Bool
    ) {
        plan = Plan(
            arrivals: schedule.arrivals.count, durationSeconds: schedule.durationSeconds,
            peakRatePerSecond: schedule.peakRatePerSecond, rampSeconds: parameters.rampSeconds,
            delayedShare: parameters.delayedShare, mix: parameters.mix.description, seed: parameters.seed,
            connections: parameters.connections, places: parameters.places, population: population,
            gateway: targets.gateway.description, eventPath: targets.events.description)
        self.elapsedSeconds = elapsedSeconds
        self.wasStopped = wasStopped
        sent = Sent(
            recommendations: total.requestsSent, events: total.eventsSent, readsBack: total.readsBackSent,
            unsent: total.unsent)
        recommendations = LatencySummary(total.recommendations)
        events = LatencySummary(total.events)
        freshness = LatencySummary(total.freshness)
        lateness = LatencySummary(total.lateness)
        errors = total.errors
        errorShare = total.errorShare
        servedBy = total.rungs
        items = total.items
        self.points = points
    }

    private enum CodingKeys: String, CodingKey {
        case plan, sent, recommendations, events, freshness, lateness, errors, items, points
        case elapsedSeconds = "elapsed_seconds"
        case wasStopped = "was_stopped"
        case errorShare = "error_share"
        case servedBy = "served_by"
    }
}
