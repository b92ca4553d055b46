// What makes a release unusable, in words for whoever made it.

/// Why a release cannot become a generation. Loading it again as it is would fail again.
struct ReleaseFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
