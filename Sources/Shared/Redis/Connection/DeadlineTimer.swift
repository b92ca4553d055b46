// One timer for all deadlines of a connection: it is set to the earliest one and moved only when an earlier one comes,
// so a command that is answered in time costs no timer at all.

import NIOCore

struct DeadlineTimer {
    private var scheduled: Scheduled<Void>?
    private var wakeAt = NIODeadline.distantFuture

    /// Makes sure that `action` runs no later than at `deadline`.
    mutating func wake(
        by deadline: NIODeadline, on loop: NIOIsolatedEventLoop, _ action: @escaping () -> Void
    ) {
        guard deadline < wakeAt else { return }
        scheduled?.cancel()
        wakeAt = deadline
        scheduled = loop.scheduleTask(deadline: deadline, action)
    }

    /// The timer ran; it is to be set anew.
    mutating func fired() {
        scheduled = nil
        wakeAt = .distantFuture
    }

    mutating func cancel() {
        scheduled?.cancel()
        fired()
    }
}
