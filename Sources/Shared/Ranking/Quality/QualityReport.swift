// What a tally says to people: rates by source, place, blend and generation, and who wins the contest. Pure.

/// Live quality over some days.
package struct QualityReport: Sendable {
    /// Rates of a part of the lists or of the places.
    package struct Row<Key: Sendable>: Sendable {
        /// Which part.
        package let key: Key
        /// Places of this part that stood before scored events.
        package let shown: Int
        /// Hits among them, and the sums that the rates are made of. Events are those of all lists where the part is one of
        /// places, so that the rates of the parts add up to the whole.
        package let rates: QualityRates

        /// Hits by place shown; nil if none was.
        package var hitsPerShown: Double? { shown > 0 ? Double(rates.hits) / Double(shown) : nil }
    }

    /// A place, and the hits on it by source.
    package struct PlaceRow: Sendable {
        /// From 1.
        package let place: Int
        /// How often it stood before a scored event.
        package let shown: Int
        /// Hits by source, in the order of ``Source/allCases``.
        package let hits: [(source: Source, count: Int)]

        /// All hits.
        package var hitCount: Int { hits.reduce(0) { $0 + $1.count } }
        /// Hits by place shown; nil if it never was.
        package var hitRate: Double? { shown > 0 ? Double(hitCount) / Double(shown) : nil }
    }

    /// The days, newest first.
    package let days: [String]
    /// Everything together.
    package let all: QualityRates
    /// By where the place came from.
    package let sources: [Row<Source>]
    /// By place.
    package let places: [PlaceRow]
    /// By blend, those that served lists.
    package let blends: [Row<Blend>]
    /// By generation, newest first; 0 stands for those that a day had no room for.
    package let generations: [Row<Int>]
    /// Online against offline.
    package let contest: Contest

    /// - Parameter days: names of the days in `tally`, newest first.
    package init(_ tally: QualityTally, days: [String]) {
        func sum(_ isPart: (QualityTally.Group) -> Bool) -> QualityTally.Counts {
            tally.groups.reduce(into: QualityTally.Counts()) { sum, entry in
                if isPart(entry.key) { sum += entry.value }
            }
        }
        let whole = sum { _ in true }
        self.days = days
        all = whole.rates()
        sources = Source.allCases.map {
            Row(key: $0, shown: whole.shownCount(of: $0), rates: whole.rates(of: $0))
        }
        places = (1...ServedList.placesMax).map { place in
            PlaceRow(
                place: place, shown: whole.shownCount(place),
                hits: Source.allCases.map { ($0, whole.hitCount(place, of: $0)) })
        }
        blends = Blend.allCases.filter { blend in tally.groups.keys.contains { $0.blend == blend } }.map { blend in
            let part = sum { $0.blend == blend }
            return Row(key: blend, shown: part.shownCount(), rates: part.rates())
        }
        generations = Set(tally.groups.keys.map(\.generation)).sorted(by: >).map { generation in
            let part = sum { $0.generation == generation }
            return Row(key: generation, shown: part.shownCount(), rates: part.rates())
        }
        contest = tally.contest
    }
}

extension ContestVerdict {
    /// One word for programs.
    package var name: String {
        switch self {
        case .online: "online"
        case .offline: "offline"
        case .tooFew, .leading, .placesDecide: "undecided"
        }
    }

    /// A sentence for people.
    package var sentence: String {
        switch self {
        case .online: "Online wins: users take its items more often even from the lower place."
        case .offline: "Offline wins: users take its items more often even from the lower place."
        case .tooFew: "Undecided: too few users have taken an item where both sides stood side by side."
        case .leading(let side, let more):
            "Undecided: \(side.rawValue) leads from the lower place, not yet by more than chance. About \(more) more events "
                + "on such pairs decide, if it goes on like this."
        case .placesDecide:
            "Undecided: whoever stands higher is taken more often. What users prefer is hidden behind the places; more "
                + "events alone do not show it."
        }
    }
}
