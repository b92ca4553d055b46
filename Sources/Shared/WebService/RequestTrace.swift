// Where a request's time goes. It is made only for services that tell it, by header or in the log of slow requests; without
// one, marking a time costs nothing.

package import NIOCore
import Synchronization

/// A request's phases and the time spent in each; parts of a request may run at once.
package final class RequestTrace: Sendable {
    /// What a request spends time on.
    package enum Phase: String, Sendable, CaseIterable {
        /// Redis: what is read or written there for this request.
        case redis
        /// Waiting for an event to show, which the request asked for.
        case wait
        /// Ordering and merging lists.
        case blend
        /// Writing the answer.
        case write
    }

    private let redis = Atomic<Int64>(0)
    private let wait = Atomic<Int64>(0)
    private let blend = Atomic<Int64>(0)
    private let write = Atomic<Int64>(0)

    package init() {}

    /// Nanoseconds spent in a phase.
    package func nanoseconds(_ phase: Phase) -> Int64 {
        switch phase {
        case .redis: redis.load(ordering: .relaxed)
        case .wait: wait.load(ordering: .relaxed)
        case .blend: blend.load(ordering: .relaxed)
        case .write: write.load(ordering: .relaxed)
        }
    }

    fileprivate func add(_ nanoseconds: Int64, to phase: Phase) {
        switch phase {
        case .redis: redis.wrappingAdd(nanoseconds, ordering: .relaxed)
        case .wait: wait.wrappingAdd(nanoseconds, ordering: .relaxed)
        case .blend: blend.wrappingAdd(nanoseconds, ordering: .relaxed)
        case .write: write.wrappingAdd(nanoseconds, ordering: .relaxed)
        }
    }
}

extension RequestTrace? {
    /// Now, for ``add(_:since:)``; the clock is not asked where nobody traces.
    package var mark: NIODeadline { self == nil ? .distantPast : .now() }

    /// Adds the time since a mark to a phase.
    package func add(_ phase: RequestTrace.Phase, since mark: NIODeadline) {
        if let self { self.add((NIODeadline.now() - mark).nanoseconds, to: phase) }
    }
}
