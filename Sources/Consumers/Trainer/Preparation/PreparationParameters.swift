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

    /// The operating days that the settings ask for. Throws a ``TrainerError`` that names a setting out of its range.
    func checkedDay() throws(TrainerError) -> OperatingDay {
        let bots = cleaning.bots
        let limits = [bots.eventsPerUserMax, bots.eventsPerUserDayMax, bots.unpausedViewsMax].compactMap { $0 }
        guard limits.allSatisfy({ $0 >= 0 }), bots.pauseMinMs >= 0 else {
            throw TrainerError(message: "the limits that tell bots from people must not be negative")
        }
        guard (0...1).contains(badRowShareMax), (0...1).contains(cleaning.lastEventsShareMax) else {
            throw TrainerError(message: "the shares of bad rows and of last events must lie between 0 and 1")
        }
        if let numericProperty {
            let isTaken = ["categoryid", "available"].contains(numericProperty)
            guard IdentifierRule.accepts(numericProperty.utf8), !isTaken else {
                throw TrainerError(
                    message: "the numeric property must have a name of its own: \(IdentifierRule.description)")
            }
        }
        guard let day = OperatingDay(startHours: cleaning.operatingDayStartHours) else {
            throw TrainerError(message: "the operating day must start between -24 and 24 hours after midnight UTC")
        }
        return day
    }

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
