// What a client measures with swift-metrics, beside the figures that it keeps for itself.

import CoreMetrics
import NIOCore

/// A client's meters.
package struct RedisMeters: Sendable {
    /// How long a pipeline takes from being sent to its last reply.
    package static let roundTrip = "freshet_redis_round_trip_seconds"

    private let timer: Timer

    init(_ metrics: any MetricsFactory) { timer = Timer(label: Self.roundTrip, factory: metrics) }

    /// A pipeline that was sent at `start` is answered.
    func noteRoundTrip(since start: NIODeadline) { timer.recordNanoseconds((NIODeadline.now() - start).nanoseconds) }
}
