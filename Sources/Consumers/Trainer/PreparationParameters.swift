// Everything that prepared data depends on, beside the source data.

package import Learning
package import Models

/// The settings of data preparation.
package struct PreparationParameters: Equatable, Sendable {
    /// The event types that logs may hold. Their weights play no part in what is prepared.
    package var types = EventTypes.standard
    /// A property whose values are numbers, such as a price: RetailRocket's is 790. Nil for none.
    package var numericProperty: String?
    /// The share of a file's rows that may be unusable before the run stops, 0 to 1.
    package var badRowShareMax = EventLogParser.faultShareMax
    /// Whether events that repeat another's user, item, type and time are dropped.
    package var dropsDuplicates = true
    /// What is left out of training.
    package var cleaning = CleaningParameters()

    package init() {}

    /// The settings as a manifest and a report show them; two runs with the same text prepare the same data.
    var described: [String: String] {
        let bots = cleaning.bots
        func limit(_ value: Int?) -> String { value.map { "\($0)" } ?? "none" }
        return [
            "types": types.orderedNames.joined(separator: ","),
            "numeric_property": numericProperty ?? "none",
            "bad_row_share_max": "\(badRowShareMax)",
            "drops_duplicates": "\(dropsDuplicates)",
            "operating_day_start_hours": "\(cleaning.operatingDayStartHours)",
            "bots.events_per_user_max": limit(bots.eventsPerUserMax),
            "bots.events_per_user_day_max": limit(bots.eventsPerUserDayMax),
            "bots.unpaused_views_max": limit(bots.unpausedViewsMax),
            "bots.pause_min_ms": "\(bots.pauseMinMs)",
            "drops_items_without_category": "\(cleaning.dropsItemsWithoutCategory)",
            "sets_last_events_aside": "\(cleaning.setsLastEventsAside)",
            "last_events_share_max": "\(cleaning.lastEventsShareMax)",
        ]
    }
}
