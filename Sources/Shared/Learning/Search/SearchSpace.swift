// What is tried: each setting drawn by itself, since of random draws every one tries a new value of whatever matters
// (Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012).

import Glibc
import Models

/// Draws settings.
struct SearchSpace {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// The settings to begin with, and others drawn around them.
    mutating func settings(
        _ first: RankerParameters, count: Int, _ change: (inout SearchSpace, inout RankerParameters) -> Void
    ) -> [RankerParameters] {
        [first]
            + (1..<max(count, 1)).map { _ in
                var other = first
                change(&self, &other)
                return other
            }
    }

    mutating func autoencoder(_ parameters: inout RankerParameters) {
        parameters.autoencoder.regularization = rounded(between: 30, and: 5_000)
        parameters.halvingMs = rounded(between: 2, and: 720) * 86_400_000
    }

    mutating func factors(_ parameters: inout RankerParameters) {
        parameters.factorization.factors = [16, 32, 64, 96, 128][random.below(5)]
        parameters.factorization.alpha = rounded(between: 0.3, and: 100)
        parameters.factorization.regularization = rounded(between: 0.001, and: 1)
    }

    mutating func similar(_ parameters: inout RankerParameters) {
        parameters.similar.halvingMs = rounded(between: 0.5, and: 720) * 3_600_000
        parameters.similar.acrossSessions = rounded(between: 0.05, and: 1)
        parameters.similar.backward = rounded(between: 0.1, and: 1)
        parameters.similar.shrinkage = rounded(between: 0.3, and: 30)
    }

    mutating func trees(_ parameters: inout RankerParameters) {
        let objectives = BoostingParameters.Objective.allCases
        parameters.boosting.objective = objectives[random.below(objectives.count)]
        parameters.boosting.depthMax = 3 + random.below(6)
        parameters.boosting.learningRate = rounded(between: 0.015, and: 0.15)
        parameters.boosting.rounds = [150, 300, 500, 800][random.below(4)]
        parameters.boosting.childWeightMin = rounded(between: 3, and: 200)
        parameters.boosting.lambda = rounded(between: 0.1, and: 20)
        parameters.boosting.rowShare = 0.5 + 0.5 * random.unit()
        parameters.boosting.columnShare = 0.25 + 0.65 * random.unit()
    }

    /// A number whose logarithm is drawn evenly, to two significant digits, as a person would write it.
    private mutating func rounded(between low: Double, and high: Double) -> Double {
        let value = exp(log(low) + (log(high) - log(low)) * random.unit())
        let unit = pow(10, floor(log10(value)) - 1)
        return (value / unit).rounded() * unit
    }
}
