// Everything that a model and a release depend on, beside the prepared data.

package import Learning
package import Models

/// The settings of training. They are kept with the model, except for the types of events, which the shop says anew.
package struct TrainingParameters: Codable, Equatable, Sendable {
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
    /// How the result is judged.
    package var evaluation = EvaluationParameters()
    /// How long better parameters are looked for.
    package var search = SearchParameters()

    package init() {}

    /// Parameters that train within seconds, for a first release that somebody is waiting for: fewer candidates and trees,
    /// one past period, and nobody judges the result.
    package static var light: TrainingParameters {
        var parameters = TrainingParameters()
        parameters.ranker.candidatesMax = 60
        parameters.ranker.periods = 1
        parameters.ranker.rowsMax = 60_000
        parameters.ranker.factorization.factors = 32
        parameters.ranker.factorization.iterations = 8
        parameters.ranker.autoencoder.modelBytesMax = 16 << 20
        parameters.ranker.boosting.rounds = 60
        parameters.ranker.boosting.learningRate = 0.15
        parameters.evaluation.usersMax = 0
        return parameters
    }

    private enum CodingKeys: String, CodingKey { case similar, popular, offline, ranker, evaluation, search }

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

    /// The settings of judging and searching, as far as a model depends on them.
    var judgingDescribed: [String: String] {
        [
            "evaluation.held_out_share": "\(evaluation.heldOutShare)",
            "evaluation.length": "\(evaluation.length)",
            "evaluation.users_max": "\(evaluation.usersMax)",
            "evaluation.resamples": "\(evaluation.resamples)",
            "evaluation.seed": "\(evaluation.seed)",
            "search.trials": "\(search.trials)",
            "search.minutes_max": search.minutesMax.map { "\($0)" } ?? "none",
            "search.seed": "\(search.seed)",
        ]
    }
}
