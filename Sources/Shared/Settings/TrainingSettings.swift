// How models are trained and who gets a list.

/// The settings of training.
package struct TrainingSettings: Sendable {
    /// `AUTONOMOUS_MODE`: on: a run trains a model and uses it at once; off: lists come from the model in use, and a new
    /// model waits for `freshet model promote` (off).
    package let isAutonomous: Bool
    /// `TRAINING_SEARCH_TRIALS`: settings that are tried for each part of a model, 0...1000; 0 and 1 search nothing (0).
    package let searchTrials: Int
    /// `TRAINING_SEARCH_MINUTES`: when the search stops at the latest, 0...10000; 0 for no limit (0).
    package let searchMinutes: Double
    /// `TRAINING_HELD_OUT_SHARE`: the end of the log that models are judged by, 0.01...0.5 (0.1).
    package let heldOutShare: Double
    /// `TRAINING_NUMERIC_PROPERTY`: a property with numbers, such as a price; RetailRocket's is 790 (none).
    package let numericProperty: String?
    /// `RECOMMEND_TOUCHED`: whether offline lists may hold what the user touched before (off).
    package let recommendsTouched: Bool
    /// `SERVING_WINDOW_DAYS`: users without an event for so long get no offline list, 0...3650; 0 for all users (28).
    package let servingWindowDays: Int
    /// `REGULAR_WINDOW_DAYS`: the same for users with ten events or more (182).
    package let regularWindowDays: Int
    /// `OFFLINE_ITEMS_MAX`: the longest offline list, 1...1000 (100).
    package let offlineItemsMax: Int

    package init(_ reader: SettingsReader) throws(SettingsError) {
        isAutonomous = try reader.flag("AUTONOMOUS_MODE", default: false)
        searchTrials = try reader.integer("TRAINING_SEARCH_TRIALS", default: 0, in: 0...1000)
        searchMinutes = try reader.number("TRAINING_SEARCH_MINUTES", default: 0, in: 0...10_000)
        heldOutShare = try reader.number("TRAINING_HELD_OUT_SHARE", default: 0.1, in: 0.01...0.5)
        numericProperty = reader.text("TRAINING_NUMERIC_PROPERTY")
        recommendsTouched = try reader.flag("RECOMMEND_TOUCHED", default: false)
        servingWindowDays = try reader.integer("SERVING_WINDOW_DAYS", default: 28, in: 0...3650)
        regularWindowDays = try reader.integer("REGULAR_WINDOW_DAYS", default: 182, in: 0...3650)
        offlineItemsMax = try reader.integer("OFFLINE_ITEMS_MAX", default: 100, in: 1...1000)
    }
}
