// How each item fared up to a time: the popularity features.

/// Counts by item, as of a time.
struct ItemActivity: Sendable {
    /// The windows that distinct users are counted in, in days back from the time; the last has no beginning.
    static let windowsDays: [Int64?] = [7, 14, 28, 56, nil]

    static let dayMs: Int64 = 86_400_000

    /// By window, by item: users who touched the item within it, each by the last touch.
    private(set) var users: [[Float]]
    /// By item: users whose last touch was 14 to 28 days ago.
    private(set) var usersBefore: [Float]
    /// By item: days since the first and the last touch of anybody; not a number for an item without any.
    private(set) var firstDays: [Float]
    private(set) var lastDays: [Float]
    /// By item: touches, those that weigh more than the lightest type, and those of the heaviest: all, carts and
    /// purchases, purchases. Zeros where the log has one type only.
    private(set) var touches: [Float]
    private(set) var carted: [Float]
    private(set) var bought: [Float]

    let strength: TouchStrength

    init(_ table: InteractionTable, atMs: Int64) {
        let count = table.itemCount
        users = [[Float]](repeating: [Float](repeating: 0, count: count), count: Self.windowsDays.count)
        usersBefore = [Float](repeating: 0, count: count)
        firstDays = [Float](repeating: .nan, count: count)
        lastDays = firstDays
        touches = usersBefore
        carted = usersBefore
        bought = usersBefore
        strength = TouchStrength(table)
        // One more than the last user whose newest touch of the item was counted.
        var countedFor = [UInt32](repeating: 0, count: count)
        for user in 0..<table.users.count {
            for row in table.rows(ofUser: user).reversed() {
                let item = Int(table.items[row])
                let ageMs = atMs - table.timesMs[row]
                let days = Float(Double(ageMs) / Double(Self.dayMs))
                touches[item] += 1
                if strength.isStrong[Int(table.types[row])] { carted[item] += 1 }
                if strength.isStrongest[Int(table.types[row])] { bought[item] += 1 }
                if !(firstDays[item] >= days) { firstDays[item] = days }
                if !(lastDays[item] <= days) { lastDays[item] = days }
                guard countedFor[item] != UInt32(user) + 1 else { continue }
                countedFor[item] = UInt32(user) + 1
                for (window, windowDays) in Self.windowsDays.enumerated()
                where windowDays.map({ ageMs < $0 * Self.dayMs }) ?? true {
                    users[window][item] += 1
                }
                if ageMs >= 14 * Self.dayMs, ageMs < 28 * Self.dayMs { usersBefore[item] += 1 }
            }
        }
    }

    /// The items by users of the last two weeks, ties by four weeks, then by all time, then by index; without those that
    /// nobody touched.
    func byPopularity() -> [UInt32] {
        let items = (0..<UInt32(touches.count)).filter { touches[Int($0)] > 0 }
        return items.sorted { left, right in
            for window in [1, 2, 4] {
                let (leftUsers, rightUsers) = (users[window][Int(left)], users[window][Int(right)])
                if leftUsers != rightUsers { return leftUsers > rightUsers }
            }
            return left < right
        }
    }
}
