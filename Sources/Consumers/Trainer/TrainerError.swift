// The trainer's own error: there is nothing to train on. What is wrong inside a file is a LearningError, and what a
// store refuses is a StoreError; both pass through as they are.

/// Why no release can be made from the source data as it is. Trying again without new data would fail again.
package struct TrainerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is missing and what to do about it.
    package let message: String

    package var description: String { message }
}
