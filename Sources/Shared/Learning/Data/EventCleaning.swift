// Which events may be trained on. Nothing is removed silently: whatever is left out has a reason, and every reason is
// counted.

package import Models

/// What is left out of training.
package struct CleaningParameters: Hashable, Sendable {
    /// When the shop's day begins, in hours after midnight UTC, between -24 and 24; affects only which day an event
    /// counts to.
    package var operatingDayStartHours = 0.0
    /// What no person does.
    package var bots = BotLimits()
    /// Whether items go whose latest category is missing or not in the tree. Without a tree none does.
    package var dropsItemsWithoutCategory = true
    /// Whether events later than the newest property row are set aside, since about their items nothing is known as of
    /// their time. Without properties none is, and none from the time of the first archived event on: with live events
    /// coming in, the newest are what lists are for, however old the properties may be.
    package var setsLastEventsAside = true
    /// The share of the events that may be set aside so, 0 to 1. Where it would be more, the properties ended long
    /// before the log did, and the events stay.
    package var lastEventsShareMax = 0.2

    package init() {}
}

/// What becomes of an event.
package enum EventFate: Sendable {
    case trainedOn, setAside, bot, itemWithoutCategory
}

/// The verdict on every event of a log.
package struct EventCleaning: Sendable {
    /// Why users were left out.
    private let signByUser: [BotSign?]
    private let isKeptByItem: [Bool]
    /// Later events are set aside, Unix ms; nil if none is.
    package let lastEventsAfterMs: Int64?
    /// But not those from here on, Unix ms.
    private let archivedFromMs: Int64
    /// Events after the newest property row, if they were kept because they are too many; else 0.
    package let keptLateEvents: Int
    /// How many events have each fate.
    package private(set) var counts: [EventFate: Int] = [:]
    /// Users and their events by the limit that the user passed.
    package private(set) var bots: [BotSign: (users: Int, events: Int, examples: [Int])] = [:]
    /// How many items are left out.
    package let itemsWithoutCategory: Int
    /// The first few of them.
    package let itemExamples: [Int]

    /// Judges users by all of their events, then items, then times. `types` must be those that the log was parsed with.
    /// - Parameter archivedFromMs: When the first archived event happened, Unix ms; nil if there is none.
    package init(
        _ data: TrainingData, types: EventTypes, day: OperatingDay, parameters: CleaningParameters,
        archivedFromMs: Int64? = nil
    ) {
        let table = data.interactions
        self.archivedFromMs = archivedFromMs ?? .max
        let view = types.orderedNames.firstIndex(of: EventTypes.view).flatMap { UInt8(exactly: $0) }
        signByUser = (0..<table.users.count).map { user in
            parameters.bots.sign(ofUser: user, in: table, day: day, view: view)
        }
        let dropsItems = parameters.dropsItemsWithoutCategory && data.catalogue.forest.listedCount > 0
        isKeptByItem = (0..<data.catalogue.count).map { item in
            !dropsItems || data.catalogue.category(of: item).map(data.catalogue.forest.isListed) ?? false
        }
        let dropped = isKeptByItem.indices.filter { [isKeptByItem] in !isKeptByItem[$0] }
        itemsWithoutCategory = dropped.count
        itemExamples = Array(dropped.prefix(CategoryForest.examplesMax))

        let newestMs = parameters.setsLastEventsAside ? data.history.windowMs?.upperBound : nil
        let endMs = self.archivedFromMs
        let late = newestMs.map { newestMs in table.timesMs.count { $0 > newestMs && $0 < endMs } } ?? 0
        let isTooMuch = Double(late) > parameters.lastEventsShareMax * Double(table.count)
        lastEventsAfterMs = isTooMuch ? nil : newestMs
        keptLateEvents = isTooMuch ? late : 0
        count(table)
    }

    /// Whether an item stays in the catalogue.
    package func isKept(item: Int) -> Bool { isKeptByItem[item] }

    /// What becomes of the event in a row of the table, which is the user's.
    func fate(ofRow row: Int, user: Int, in table: InteractionTable) -> EventFate {
        if signByUser[user] != nil { return .bot }
        if !isKeptByItem[Int(table.items[row])] { return .itemWithoutCategory }
        if let lastEventsAfterMs, table.timesMs[row] > lastEventsAfterMs, table.timesMs[row] < archivedFromMs {
            return .setAside
        }
        return .trainedOn
    }

    private mutating func count(_ table: InteractionTable) {
        for user in 0..<table.users.count {
            let rows = table.rows(ofUser: user)
            for row in rows { counts[fate(ofRow: row, user: user, in: table), default: 0] += 1 }
            guard let sign = signByUser[user] else { continue }
            var found = bots[sign] ?? (0, 0, [])
            found.users += 1
            found.events += rows.count
            if found.examples.count < CategoryForest.examplesMax { found.examples.append(user) }
            bots[sign] = found
        }
    }
}
