// Everything that lists are computed from, and the way to it: rows are added in any order of files, then built once.

package import Models

/// Interactions and the catalogue, over the same item indexes.
package struct TrainingData: Sendable {
    /// Who did what.
    package let interactions: InteractionTable
    /// What there is.
    package let catalogue: ItemCatalogue
}

/// Collects the rows of all input files.
package struct TrainingDataBuilder {
    private var items = IdentifierTable()
    private var interactions: InteractionTableBuilder
    private var catalogue = ItemCatalogueBuilder()

    /// `types` must be those that the logs are parsed with. Interactions after `latestMs`, Unix ms, are dropped and
    /// counted.
    package init(types: EventTypes, latestMs: Int64) {
        interactions = InteractionTableBuilder(typeWeights: types.orderedWeights, latestMs: latestMs)
    }

    /// How many interactions have been added, duplicates included.
    package var interactionCount: Int { interactions.count }

    /// Adds an interaction.
    package mutating func add(_ row: EventRow) { interactions.add(row, items: &items) }

    /// Adds a statement about an item.
    package mutating func add(_ row: PropertyRow) { catalogue.add(row, items: &items) }

    /// Adds a category.
    package mutating func add(_ row: CategoryRow) { catalogue.add(row) }

    /// Sorts, groups and drops duplicates. Takes seconds for millions of rows.
    package consuming func build() -> TrainingData {
        let (sortedItems, newIndexes) = items.sorted()
        return TrainingData(
            interactions: interactions.build(newItemIndexes: newIndexes),
            catalogue: catalogue.build(items: sortedItems, newIndexes: newIndexes))
    }
}
