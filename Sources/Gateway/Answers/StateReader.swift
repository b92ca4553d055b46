// Reads a user's state, and waits for an event that the user has just caused, if the request names one: read your own
// writes. An event shows when a field carries it, or when the features consumer is done with it: overtaken by a later event
// of its item, older than what is there, or put aside. A field with a later id alone proves nothing, since several
// consumers may be at work.

import Models
import Stores
import Synchronization
import WebService

/// Reads what recommendations are made from.
final class StateReader: Sendable {
    /// Requests that wait at the same time; further ones are answered at once, and say that they are stale: a reader is
    /// better served by a recommendation that is a moment old than by an error.
    private let waitersMax: Int
    /// The longest pause between two looks while few wait, in milliseconds.
    private static let pauseMaxMs = 8
    /// Looks at Redis per millisecond by all waiters together.
    private static let looksPerMs = 16

    private let lists: GenerationLists
    private let events: EventStreamStore
    private let deadlineMs: Int
    private let waiters = Atomic(0)

    init(lists: GenerationLists, events: EventStreamStore, deadlineMs: Int, waitersMax: Int = 1024) {
        self.lists = lists
        self.waitersMax = waitersMax
        self.events = events
        self.deadlineMs = deadlineMs
    }

    /// Requests that wait at present.
    var waiting: Int { waiters.load(ordering: .relaxed) }

    /// A user's state, nil if Redis is away, with the similar items of the latest touches; and whether the event that
    /// the request named does not show in it.
    func read(
        _ user: UserID, generation: Int, itemsLatest: Int, freshness: Freshness?, trace: RequestTrace? = nil
    ) async -> (state: UserState?, isStale: Bool) {
        let look = {
            try? await self.lists.state(
                of: user, generation: generation, listsMax: itemsLatest, deadlineMs: self.deadlineMs)
        }
        let mark = trace.mark
        let state = await look()
        trace.add(.redis, since: mark)
        guard let freshness, !Self.shows(freshness.after, in: state) else { return (state, false) }
        let waitMark = trace.mark
        defer { trace.add(.wait, since: waitMark) }
        return await wait(for: freshness, of: user, state, look)
    }

    private func wait(
        for freshness: Freshness, of user: UserID, _ first: UserState?, _ look: () async -> UserState?
    ) async -> (state: UserState?, isStale: Bool) {
        var state = first
        let isAdmitted = waiters.add(1, ordering: .relaxed).newValue <= waitersMax
        defer { waiters.subtract(1, ordering: .relaxed) }
        let deadline = ContinuousClock.now + .milliseconds(isAdmitted ? freshness.waitMs : 0)
        var pauseMs = 1
        while true {
            if await isDone(freshness.after, user) {
                // What was read before the answer may be older than what the answer is about.
                let settled = await look()
                return (settled ?? state, settled?.online == nil)
            }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return (state, true) }
            // Cancellation ends the pause, and then the loop.
            try? await Task.sleep(until: min(deadline, .now + .milliseconds(pauseMs)))
            pauseMs = min(pauseMs * 2, max(Self.pauseMaxMs, waiting / Self.looksPerMs))
            state = await look() ?? state
            if Self.shows(freshness.after, in: state) { return (state, false) }
        }
    }

    private func isDone(_ id: StreamID, _ user: UserID) async -> Bool {
        // No group yet, or no Redis: then nobody is done.
        (try? await events.isDone(id, of: user, group: .features, deadlineMs: deadlineMs)) ?? false
    }

    private static func shows(_ id: StreamID, in state: UserState?) -> Bool {
        state?.online?.contains { $0.id == id } ?? false
    }
}
