// How many answers each generation has given here. Nothing is counted twice on the path of a request: the totals grow anyway,
// and what they grew by between two signs of life belongs to the generation that was live at both.

import Stores

/// Adds up answers by generation.
struct GenerationTally: Sendable {
    private var last: (generation: Int, total: AnswerTally)?
    private var tallies: [Int: AnswerTally] = [:]

    /// Takes the totals in; what is known of the live generation, nil if nothing new is.
    mutating func note(_ total: AnswerTally, live generation: Int) -> AnswerTally? {
        defer { last = (generation, total) }
        // Answers of the moment of a switch are nobody's.
        guard let last, last.generation == generation, total.answers > last.total.answers else { return nil }
        var tally = tallies[generation] ?? AnswerTally()
        tally = tally + (total - last.total)
        tallies[generation] = tally
        // A generation that was live long ago is not asked about any more.
        if tallies.count > 8, let oldest = tallies.keys.min() { tallies[oldest] = nil }
        return tally
    }
}
