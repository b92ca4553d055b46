// The way from rows to training data: rows are added in any order of files, then built once.

package import Models

/// Collects the rows of all input files: about 17 bytes an event, 16 a statement about an item, and every name once.
package struct TrainingDataBuilder {
    private var items = IdentifierTable()
    private var interactions: InteractionTableBuilder
    private var lastInteractions: InteractionTableBuilder
    private var catalogue: ItemCatalogueBuilder
    private var streamIDs = FingerprintSet()
    private var eventIDs = FingerprintSet()
    /// Archived events whose user and stream id had been seen; they were dropped.
    package private(set) var repeatedStreamIDs = 0
    /// Archived events whose user and event id had been seen; they were dropped.
    package private(set) var repeatedEventIDs = 0
    /// When the first archived event happened, Unix ms; nil if there is none.
    package private(set) var firstArchivedMs: Int64?

    /// `types` must be those that the logs are parsed with. Interactions and statements after `latestMs`, Unix ms, are
    /// dropped and counted; interactions that repeat another's user, item, type and time too, if `dropsDuplicates`.
    package init(types: EventTypes, latestMs: Int64, dropsDuplicates: Bool = true) {
        interactions = InteractionTableBuilder(
            typeWeights: types.orderedWeights, latestMs: latestMs, dropsDuplicates: dropsDuplicates)
        lastInteractions = interactions
        catalogue = ItemCatalogueBuilder(latestMs: latestMs)
    }

    /// How many interactions have been added, duplicates included.
    package var interactionCount: Int { interactions.count }

    /// Adds an interaction.
    package mutating func add(_ row: EventRow) { interactions.add(row, items: &items) }

    /// Adds an archived interaction, unless its user with its stream id, or with its event id, was added before: entries
    /// of several streams may have the same id, but a user's all stand on one. Whether a log holds it too shows when
    /// the data is built.
    package mutating func add(_ row: ArchivedEventRow) {
        guard streamIDs.insert(FingerprintSet.of(row.id, user: row.event.user)) else {
            repeatedStreamIDs += 1
            return
        }
        if let eventID = row.eventID {
            let fingerprint = FingerprintSet.of(eventID: eventID, user: row.event.user)
            guard eventIDs.insert(fingerprint) else {
                repeatedEventIDs += 1
                return
            }
        }
        firstArchivedMs = min(firstArchivedMs ?? row.event.timestampMs, row.event.timestampMs)
        interactions.add(row.event, items: &items)
    }

    /// Adds an interaction that nothing is trained on.
    package mutating func addLast(_ row: EventRow) { lastInteractions.add(row, items: &items) }

    /// Adds a statement about an item.
    package mutating func add(_ row: PropertyRow) { catalogue.add(row, items: &items) }

    /// Adds a category.
    package mutating func add(_ row: CategoryRow) { catalogue.add(row) }

    /// Adds an item, whether anything else is known of it or not.
    package mutating func add(_ row: ItemRow) { _ = items.intern(row.item) }

    /// Sorts, groups and drops duplicates. Takes seconds for millions of rows.
    package consuming func build() -> TrainingData { buildWithLastEvents().data }

    /// The same, with the interactions that nothing is trained on; over the same items, with users of their own.
    package consuming func buildWithLastEvents() -> (data: TrainingData, lastEvents: InteractionTable) {
        let (sortedItems, newIndexes) = items.sorted()
        let lastEvents = lastInteractions.build(newItemIndexes: newIndexes)
        let table = interactions.build(newItemIndexes: newIndexes)
        let known = catalogue.build(items: sortedItems, newIndexes: newIndexes)
        let data = TrainingData(interactions: table, catalogue: known.catalogue, history: known.history)
        return (data, lastEvents)
    }
}
