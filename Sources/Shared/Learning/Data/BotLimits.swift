// Users that no person is behind: their pairs of items would drown everyone else's. The limits are far above what
// people do, since a good customer who is left out is a worse mistake than a crawler who stays.

/// What no person does.
package struct BotLimits: Hashable, Sendable {
    /// The most events of one user in the whole log; nil for no limit.
    package var eventsPerUserMax: Int? = 20_000
    /// The most events of one user on one operating day; nil for no limit.
    package var eventsPerUserDayMax: Int? = 3_000
    /// The most views in a row with less than ``pauseMinMs`` from each to the next; nil for no limit.
    package var unpausedViewsMax: Int? = 300
    /// What counts as a pause between two views, in milliseconds.
    package var pauseMinMs: Int64 = 1_000

    package init() {}
}

/// Which limit a user passed.
package enum BotSign: String, CaseIterable, Codable, Sendable {
    case eventsPerUser = "events_per_user"
    case eventsPerUserDay = "events_per_user_day"
    case unpausedViews = "unpaused_views"
}

extension BotLimits {
    /// The first limit that a user passes; nil for a person. `view` is the index of the type that counts as a view.
    func sign(ofUser user: Int, in table: InteractionTable, day: OperatingDay, view: UInt8?) -> BotSign? {
        let rows = table.rows(ofUser: user)
        if let eventsPerUserMax, rows.count > eventsPerUserMax { return .eventsPerUser }
        if passesDayLimit(rows, table, day) { return .eventsPerUserDay }
        if let view, passesViewLimit(rows, table, view) { return .unpausedViews }
        return nil
    }

    private func passesDayLimit(_ rows: Range<Int>, _ table: InteractionTable, _ day: OperatingDay) -> Bool {
        guard let eventsPerUserDayMax, rows.count > eventsPerUserDayMax else { return false }
        // Rows are in the order of time, so too many of one day stand in one stretch.
        return rows.dropFirst(eventsPerUserDayMax).contains { row in
            day.day(ofMs: table.timesMs[row]) == day.day(ofMs: table.timesMs[row - eventsPerUserDayMax])
        }
    }

    private func passesViewLimit(_ rows: Range<Int>, _ table: InteractionTable, _ view: UInt8) -> Bool {
        guard let unpausedViewsMax, rows.count > unpausedViewsMax else { return false }
        var run = 0
        var lastMs: Int64?
        for row in rows where table.types[row] == view {
            let timeMs = table.timesMs[row]
            let isUnpaused = lastMs.map { timeMs - $0 < pauseMinMs } ?? false
            run = isUnpaused ? run + 1 : 1
            if run > unpausedViewsMax { return true }
            lastMs = timeMs
        }
        return false
    }
}
