// Random numbers of a run, from a seed that a failed test names, so that it can be run again.

import FoundationEssentials
import Testing

/// Random numbers that are the same for the same seed.
struct SeededRandom: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// A new seed for every run, or the one of FRESHET_SEED; printed, since a kill at another moment is another test.
    static func ofThisRun() -> SeededRandom {
        let text = ProcessInfo.processInfo.environment["FRESHET_SEED"]
        let seed = text.flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        print("random numbers of '\(Test.current?.name ?? "?")': FRESHET_SEED=\(seed)")
        return SeededRandom(seed: seed)
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
