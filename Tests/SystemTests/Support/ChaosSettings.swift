// How much is destroyed: a little in every test run, as much as is asked for by `make chaos`.

import FoundationEssentials

/// Settings of the tests that kill at random.
enum ChaosSettings {
    private static let asked = ProcessInfo.processInfo.environment["CHAOS_ROUNDS"].flatMap { Int($0) }
    /// How often something is killed: CHAOS_ROUNDS.
    static let rounds = asked ?? 5
    /// Whether this is `make chaos`.
    static let isWhole = asked != nil
}
