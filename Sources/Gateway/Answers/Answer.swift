// An answer before it is written: what stands in it and what it says about itself.

import Models
import Ranking

/// Recommendations, and where they come from.
struct Answer: Sendable {
    /// Whose they are; nil for an anonymous session.
    let user: UserID?
    /// The one generation that they are computed from.
    let generation: GenerationSnapshot
    /// The blend that was asked for.
    let blend: Blend
    /// The rung of the ladder.
    let rung: Rung
    /// The newest event that is in the online state; nil if there is none, or it could not be read.
    let onlineAsOf: StreamID?
    /// Whether the event that the request named does not show yet.
    let isStale: Bool
    /// The recommendations.
    let places: [Place]
    /// Why they are what they are; nil unless it was asked for.
    let explanation: Explanation?
}

/// What an answer was made from, and what was left out.
struct Explanation: Sendable {
    /// What the user touched, newest first. The cause of a place is an index into it.
    let touches: [OnlineEntry]
    /// How many of the touches, at most, counted; the older ones only keep their items out of the answer.
    let touchesUsed: Int
    /// Candidates that are not in the answer.
    let dropped: [Dropped]
}
