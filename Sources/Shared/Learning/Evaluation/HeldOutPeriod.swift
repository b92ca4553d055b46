// A global split in time: what came before a cut may be learned from, what came after it is what lists should have known.
// One cut for everybody, because a cut for each user would let one user's future teach about another's.

import Models

/// The past of a cut, and what users did after it.
package struct HeldOutPeriod: Sendable {
    /// What counts as right.
    package enum Targets: String, Codable, CaseIterable, Sendable {
        /// Items that the user had not touched before.
        case new
        /// All items that the user touched, old acquaintances too.
        case all
    }

    /// The cut and the end of the period, Unix ms; the end does not belong to it.
    package let periodMs: Range<Int64>
    /// What was known before the cut.
    package let past: TrainingData
    /// Users who are judged, ascending: each has events before the cut and in the period.
    package let users: [Int]
    /// How many such users there are; more than are judged if some were drawn.
    package let usersFound: Int
    /// Users with events in the period and none before. Nothing personal could be known of them, so they do not count.
    package let usersWithoutPast: Int
    /// By place in `users`: the distinct items touched in the period, ascending.
    private let touched: [[UInt32]]
    /// The same without what was touched before.
    private let new: [[UInt32]]

    /// Splits data.
    ///
    /// - Parameters:
    ///   - periodMs: What is held out, Unix ms; events behind it are left out altogether.
    ///   - usersMax: Users are drawn with `seed` if there are more.
    package init(_ data: TrainingData, periodMs: Range<Int64>, usersMax: Int, seed: UInt64) {
        self.periodMs = periodMs
        past = data.before(periodMs.lowerBound)
        let table = data.interactions
        var found: [(user: Int, touched: [UInt32], new: [UInt32])] = []
        var strangers = 0
        for user in 0..<table.users.count {
            let rows = table.rows(ofUser: user)
            guard let first = rows.first(where: { table.timesMs[$0] >= periodMs.lowerBound }) else { continue }
            let inPeriod = (first..<rows.upperBound).prefix { table.timesMs[$0] < periodMs.upperBound }
            guard !inPeriod.isEmpty else { continue }
            guard first > rows.lowerBound else {
                strangers += 1
                continue
            }
            let touched = Set(inPeriod.map { table.items[$0] })
            let new = touched.subtracting(table.items[rows.lowerBound..<first])
            found.append((user, touched.sorted(), new.sorted()))
        }
        usersFound = found.count
        usersWithoutPast = strangers
        if found.count > usersMax {
            let drawn = found.sorted { ($0.user.mixed(seed), $0.user) < ($1.user.mixed(seed), $1.user) }
            found = drawn.prefix(usersMax).sorted { $0.user < $1.user }
        }
        users = found.map(\.user)
        touched = found.map(\.touched)
        new = found.map(\.new)
    }

    /// By place in `users`, what counts as right; a user with nothing does not count.
    package func targets(_ kind: Targets) -> [[UInt32]] {
        switch kind {
        case .new: new
        case .all: touched
        }
    }
}

extension TrainingData {
    /// The end of the log's time: `share` of its span, Unix ms. Nil if the log spans no time.
    package func lastPeriod(share: Double) -> Range<Int64>? {
        guard let oldestMs = interactions.oldestMs, let newestMs = interactions.newestMs else { return nil }
        let endMs = newestMs + 1
        let cutMs = endMs - Int64(Double(endMs - oldestMs) * share)
        return cutMs > oldestMs && cutMs < endMs ? cutMs..<endMs : nil
    }
}

extension Int {
    /// A number that has nothing to do with this one, the same for the same seed: an order by it is one of chance.
    func mixed(_ seed: UInt64 = 0) -> UInt64 {
        var random = SplitMix64(seed: UInt64(truncatingIfNeeded: self) ^ seed &* 0xD6E8_FEB8_6659_FD93)
        return random.next()
    }
}
