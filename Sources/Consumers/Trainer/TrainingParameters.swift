// Everything that a release's content depends on, beside the source data.

package import Learning
package import Models

/// The settings of a training run.
package struct TrainingParameters: Equatable, Sendable {
    /// The event types that logs may hold, and their weights.
    package var types = EventTypes.standard
    /// Similar items.
    package var similar = SimilarItems.Parameters()
    /// Popular items.
    package var popular = PopularItems.Parameters()
    /// Offline lists.
    package var offline = OfflineLists.Parameters()
    /// Candidates and the ranker that orders them into offline lists.
    package var ranker = RankerParameters()

    package init() {}

    /// The settings as a manifest shows them.
    var described: [String: String] {
        var texts = [
            "similar.items_max": "\(similar.itemsMax)",
            "similar.history_items_max": "\(similar.historyItemsMax)",
            "similar.session_gap_ms": "\(similar.sessionGapMs)",
            "similar.across_sessions": "\(similar.acrossSessions)",
            "similar.backward": "\(similar.backward)",
            "similar.halving_ms": "\(similar.halvingMs)",
            "similar.shrinkage": "\(similar.shrinkage)",
            "popular.window_ms": "\(popular.windowMs)",
            "popular.overall_max": "\(popular.overallMax)",
            "popular.category_max": "\(popular.categoryMax)",
            "offline.items_max": "\(offline.itemsMax)",
            "offline.history_items_max": "\(offline.historyItemsMax)",
            "offline.serving_window_ms": "\(offline.servingWindowMs)",
            "offline.regular_interactions_min": "\(offline.regularInteractionsMin)",
            "offline.regular_window_ms": "\(offline.regularWindowMs)",
            "offline.halving_ms": "\(offline.halvingMs)",
            "offline.excludes_touched": "\(offline.excludesTouched)",
        ]
        texts.merge(ranker.described) { own, _ in own }
        for (type, weight) in types.weights { texts["weight.\(type)"] = "\(weight)" }
        return texts
    }
}
