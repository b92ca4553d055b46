// From what an operator sets to what training works with.

import Learning
package import Models
package import Settings

extension TrainingParameters {
    /// The parameters that settings ask for.
    package init(_ settings: TrainingSettings, types: EventTypes) {
        self.init()
        self.types = types
        offline.itemsMax = settings.offlineItemsMax
        offline.servingWindowMs = Int64(settings.servingWindowDays) * 86_400_000
        offline.regularWindowMs = Int64(settings.regularWindowDays) * 86_400_000
        ranker.recommendsTouched = settings.recommendsTouched
        offline.excludesTouched = !settings.recommendsTouched
        evaluation.heldOutShare = settings.heldOutShare
        search.trials = settings.searchTrials
        search.minutesMax = settings.searchMinutes > 0 ? settings.searchMinutes : nil
    }

    /// The same with another budget for the search: settings to try for each part of a model, and minutes after which
    /// nothing new is tried; nil for what the settings say.
    package func searching(trials: Int?, minutesMax: Double?) -> TrainingParameters {
        var parameters = self
        if let trials { parameters.search.trials = trials }
        if let minutesMax { parameters.search.minutesMax = minutesMax }
        return parameters
    }
}

extension PreparationParameters {
    /// The parameters that settings ask for.
    package init(_ settings: TrainingSettings, types: EventTypes) {
        self.init()
        self.types = types
        numericProperty = settings.numericProperty
    }
}
