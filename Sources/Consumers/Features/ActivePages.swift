// The walk through the list of active users, which grows and moves while it is read. Pages are cut at a time of
// activity, never between users of one time, so that nobody is left out at the seam.

import Models

/// Which page of active users to read next; a value without I/O.
struct ActivePages {
    /// Users read at once.
    static let countMax = 1024
    /// The largest page: if more users than this were active in one millisecond, the others are left to the gateway.
    static let countLimit = 65_536

    /// The next page.
    struct Request: Equatable {
        /// Users active later than this, Unix ms.
        let afterMs: Int64
        /// At most so many.
        let countMax: Int
    }

    /// What to read; nil at the end.
    private(set) var next: Request? = Request(afterMs: -1, countMax: ActivePages.countMax)
    private let untilMs: Int64

    /// Users who become active during the walk move ahead of it, so it could last for ever: it ends at `untilMs`.
    init(untilMs: Int64) { self.untilMs = untilMs }

    /// The users of the page that was asked for which are complete; the others come again with the next one.
    mutating func take(_ page: [(user: UserID, lastMs: Int64)]) -> [UserID] {
        guard let request = next, page.count >= request.countMax, let first = page.first, let last = page.last,
            first.lastMs <= untilMs
        else {
            next = nil
            return page.map(\.user)
        }
        if first.lastMs < last.lastMs {
            next = Request(afterMs: last.lastMs - 1, countMax: Self.countMax)
            return page.filter { $0.lastMs < last.lastMs }.map(\.user)
        }
        if request.countMax < Self.countLimit {
            next = Request(afterMs: request.afterMs, countMax: request.countMax * 2)
            return []
        }
        next = Request(afterMs: last.lastMs, countMax: Self.countMax)
        return page.map(\.user)
    }
}
