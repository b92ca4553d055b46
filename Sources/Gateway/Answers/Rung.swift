// The degradation ladder: which sides of an answer could be read.

/// A rung of the ladder; the raw value is what `served_by` says.
package enum Rung: String, Sendable, CaseIterable {
    /// Both sides were read.
    case full
    /// The offline list could not be read.
    case online
    /// The online side was late or failed.
    case offline
    /// Redis is away: popular items out of process memory.
    case popular

    init(isOnlineRead: Bool, isOfflineRead: Bool) {
        switch (isOnlineRead, isOfflineRead) {
        case (true, true): self = .full
        case (true, false): self = .online
        case (false, true): self = .offline
        case (false, false): self = .popular
        }
    }
}
