// Why trees could not be grown, read or asked.

/// An error of the gradient-boosted trees. Trying again with the same input would fail again.
package struct BoostingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong; XGBoost's own words where they come from there.
    package let reason: String

    package var description: String { "gradient-boosted trees: \(reason)" }
}
