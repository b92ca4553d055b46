// A share with an interval, of events that come in clusters: one user clicks several times, and alike. Taking them for
// independent would make intervals too narrow. Pure.
//
// The variance is the delete-a-group jackknife's (Kott, "The delete-a-group jackknife", Journal of Official Statistics 17,
// 2001; Wolter, "Introduction to Variance Estimation", 2007, chapter 4): users are in G groups at random, p(-g) is the share
// without group g, and
//
//   v = (G - 1) / G · Σ (p(-g) - p)²
//
// over the groups that have any events. The interval is Wilson's, with an effective sample size in place of the number of
// events (Korn and Graubard, Survey Methodology 24, 1998; Dean and Pagano, Journal of Survey Statistics and Methodology 3,
// 2015): n* = p (1 - p) / v, at most the number of events, times (z / t)² for a variance that is itself estimated with G - 1
// degrees of freedom. The plain interval p ± t √v would be [1, 1] after three events that agree.

import Glibc

/// A share of events, and how sure it is.
package struct ClusteredShare: Sendable, Hashable {
    /// Groups with events below which there is no interval: a variance of fewer is hardly one.
    package static let groupsMin = 8
    /// The 97.5 % point of the normal distribution.
    private static let z = 1.959_963_984_540_054

    /// Events that count, and those among them that went one way.
    package let trials: Int
    package let successes: Int
    /// Groups of users with any events.
    package let groups: Int
    /// The jackknife's variance; nil with fewer than two groups.
    package let variance: Double?

    /// - Parameter groups: what each group of users decided; a group without events does not count.
    package init(_ groups: [(successes: Int, trials: Int)]) {
        let filled = groups.filter { $0.trials > 0 }
        let trials = filled.reduce(0) { $0 + $1.trials }
        let successes = filled.reduce(0) { $0 + $1.successes }
        self.groups = filled.count
        self.trials = trials
        self.successes = successes
        guard filled.count >= 2 else {
            variance = nil
            return
        }
        let share = Double(successes) / Double(trials)
        let squares = filled.reduce(0.0) { sum, group in
            let without = Double(successes - group.successes) / Double(trials - group.trials)
            return sum + (without - share) * (without - share)
        }
        variance = Double(filled.count - 1) / Double(filled.count) * squares
    }

    /// The share; nil without events.
    package var share: Double? { trials > 0 ? Double(successes) / Double(trials) : nil }

    /// Of how many independent events the share would be as sure; nil with fewer than ``groupsMin`` groups.
    package var effectiveTrials: Double? {
        guard groups >= Self.groupsMin, let share, let variance else { return nil }
        let correction = Self.z / Self.studentQuantile(degreesOfFreedom: groups - 1)
        let size: Double
        if successes == 0 || successes == trials {
            // Where all agree there is no variance to be seen; every group is taken for one event.
            size = Double(groups)
        } else if variance > 0 {
            size = min(share * (1 - share) / variance, Double(trials))
        } else {
            size = Double(trials)
        }
        return size * correction * correction
    }

    /// What the share could be, 95 %; nil with fewer than ``groupsMin`` groups.
    package var interval: (low: Double, high: Double)? {
        guard let share, let size = effectiveTrials else { return nil }
        let square = Self.z * Self.z
        let centre = (share + square / (2 * size)) / (1 + square / size)
        let half =
            Self.z / (1 + square / size) * (share * (1 - share) / size + square / (4 * size * size)).squareRoot()
        // Exact at the ends, where rounding would leave a trace.
        return (successes == 0 ? 0 : max(0, centre - half), successes == trials ? 1 : min(1, centre + half))
    }

    /// How many events it takes until the interval leaves out `value`, if the share stays what it is; nil if they are equal, or
    /// too little is known. Wilson's interval leaves out p0 once n* > z² p0 (1 - p0) / (p - p0)².
    package func trialsToTell(from value: Double) -> Int? {
        guard let share, let size = effectiveTrials, share != value else { return nil }
        let needed = Self.z * Self.z * value * (1 - value) / ((share - value) * (share - value))
        let total = (Double(trials) * needed / size).rounded(.up)
        return total < 1e15 ? Int(total) + 1 : nil
    }

    /// The 97.5 % point of Student's distribution, by its expansion around the normal one (Abramowitz and Stegun, 26.7.5); right
    /// to four digits from seven degrees of freedom on.
    static func studentQuantile(degreesOfFreedom: Int) -> Double {
        let (z, n) = (Self.z, Double(degreesOfFreedom))
        let g1 = (pow(z, 3) + z) / 4
        let g2 = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
        let g3 = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384
        let g4 = (79 * pow(z, 9) + 776 * pow(z, 7) + 1482 * pow(z, 5) - 1920 * pow(z, 3) - 945 * z) / 92_160
        return z + g1 / n + g2 / (n * n) + g3 / (n * n * n) + g4 / (n * n * n * n)
    }
}
