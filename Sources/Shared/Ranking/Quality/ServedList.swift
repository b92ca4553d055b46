// A list as a user got it, for as long as the user's next events may be an answer to it; and what such an event says about
// the list.

package import Models

/// The first places of an answer, remembered.
package struct ServedList: Sendable {
    /// How many places are remembered: what lies further down is hardly ever looked at.
    package static let placesMax = 20

    /// Whose it is.
    package let user: UserID
    /// What merged it.
    package let blend: Blend
    /// The generation that it was made from.
    package let generation: Int
    /// Its places; only the first ``placesMax`` count.
    package let places: [Place]
    /// Whether items that the user had touched were left out. An event on one of these says nothing about the list.
    package let isOfNewItems: Bool

    package init(user: UserID, blend: Blend, generation: Int, places: [Place], isOfNewItems: Bool) {
        self.user = user
        self.blend = blend
        self.generation = generation
        self.places = places
        self.isOfNewItems = isOfNewItems
    }
}

/// What an event says about the newest list that its user had got before it.
package struct ListScore: Sendable, Hashable {
    /// What merged the list.
    package let blend: Blend
    /// The list's generation.
    package let generation: Int
    /// Where the list held the event's item, from 1; nil for a miss.
    package let place: Int?
    /// Where each place of the list came from, in their order.
    package let sources: [Source]

    package init(blend: Blend, generation: Int, place: Int?, sources: [Source]) {
        self.blend = blend
        self.generation = generation
        self.place = place
        self.sources = sources
    }

    /// The list that the item came from; nil for a miss.
    package var source: Source? {
        guard let place, sources.indices.contains(place - 1) else { return nil }
        return sources[place - 1]
    }

    /// 1 / place, 0 for a miss.
    package var reciprocalRank: Double { place.map { 1 / Double($0) } ?? 0 }
}

/// Why an event of a user whose lists are remembered says nothing about one; a closed set, since it labels metrics.
package enum UnscoredReason: String, Sendable, CaseIterable {
    /// No list had been served before it, or too long ago.
    case unlisted
    /// The user had touched the item already: before the list, which therefore left it out, or since, which counted.
    case touched
    /// It says that it happened long before it came, and before the list.
    case earlier
    /// It counted before: it was delivered once more.
    case again
    /// Another entry with its event id came first.
    case repeated
    /// What is remembered of the user's lists cannot be read.
    case failed
}

/// What became of an event in live quality.
package enum EventScore: Sendable, Hashable {
    /// It counts.
    case scored(ListScore)
    /// It says nothing about a list.
    case unscored(UnscoredReason)
}
