// How lists are judged. What is stated here is stated with every figure, since figures of different protocols say
// nothing about one another.

/// The settings of an offline evaluation.
package struct EvaluationParameters: Codable, Hashable, Sendable {
    /// How much of the log's time span is held out, at its end; more than 0, less than 1.
    package var heldOutShare = 0.1
    /// How many items of a list count.
    package var length = 10
    /// Users who are judged at most; of more, some are drawn.
    package var usersMax = 20_000
    /// Drawings of users that the intervals rest on; 0 for no intervals.
    package var resamples = 1_000
    /// Where chance starts from.
    package var seed: UInt64 = 1

    package init() {}
}
