// Many settings for little effort, few for much: each round gives what is left three times the effort of the one before
// and keeps the best third (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
// optimization", AISTATS 2016, algorithm 1, with thirds instead of halves).

/// Looks for the best of some settings.
enum SuccessiveHalving {
    /// The best setting, its score and the score of the first at full effort. The first is never dropped before the last
    /// round, so a search does not end below where it began.
    ///
    /// - Parameters:
    ///   - settings: At least one; the first is what the others must beat.
    ///   - isOver: Whether time is up; asked before each trial. Settings that had no turn in a round drop out.
    ///   - score: Larger is better. Effort is 1/9, 1/3 or 1.
    static func best<Setting>(
        of settings: [Setting], keptShare: Double, isOver: () -> Bool,
        score: (_ setting: Setting, _ effort: Double) throws -> Double
    ) rethrows -> (setting: Setting, score: Double, first: Double, isCutShort: Bool) {
        var left = Array(settings.indices)
        var isCutShort = false
        for effort in [1.0 / 9, 1.0 / 3] where left.count > 1 {
            var scores: [(index: Int, score: Double)] = []
            for index in left {
                if isOver() {
                    isCutShort = true
                    break
                }
                scores.append((index, try score(settings[index], effort)))
            }
            scores.sort { ($1.score, $0.index) < ($0.score, $1.index) }
            let kept = scores.prefix(max(Int((Double(left.count) * keptShare).rounded(.up)), 1)).map(\.index)
            left = kept.contains(0) ? kept : [0] + kept
        }
        // The first comes first here too: whatever the time, it has been measured.
        var best: (index: Int, score: Double)?
        var first = 0.0
        for index in [0] + left.filter({ $0 != 0 }) {
            if best != nil, isOver() {
                isCutShort = true
                break
            }
            let value = try score(settings[index], 1)
            if index == 0 { first = value }
            if best.map({ value > $0.score }) ?? true { best = (index, value) }
        }
        return (settings[best?.index ?? 0], best?.score ?? 0, first, isCutShort)
    }
}
