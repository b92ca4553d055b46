// Everything that lists and features are computed from.

/// Interactions, the catalogue and its history, over the same item indexes.
package struct TrainingData: Sendable {
    /// Who did what.
    package let interactions: InteractionTable
    /// What there is, as of the last word about it.
    package let catalogue: ItemCatalogue
    /// What was known of it as of any time.
    package let history: ItemHistory
}
