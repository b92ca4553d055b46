// Counts of what events said about the lists that their users had got: plain sums, so that any number of consumers can add
// to them, and days to one another.

/// How lists did, in numbers that only grow.
package struct QualityTally: Sendable, Hashable {
    /// The lists that are counted together.
    package struct Group: Sendable, Hashable {
        /// The lists' generation; 0 stands for generations beyond what a day has room for.
        package let generation: Int
        /// What merged them.
        package let blend: Blend

        package init(generation: Int, blend: Blend) {
            self.generation = generation
            self.blend = blend
        }
    }

    /// What is counted of a group.
    package struct Counts: Sendable, Hashable {
        /// Events that were scored: the denominator of the hit rate and of the mean reciprocal rank.
        package var events = 0
        /// By source and place, from 0: how often it stood before an event, and how often the event's item stood there.
        private var shownBySource = Self.zeros
        private var hitsBySource = Self.zeros

        private static let zeros = [Int](repeating: 0, count: Source.allCases.count * ServedList.placesMax)

        package init() {}

        /// How often a list held a place from this source when its user's next event came.
        package subscript(shown source: Source, place: Int) -> Int {
            get { shownBySource[Self.index(source, place)] }
            set { shownBySource[Self.index(source, place)] = newValue }
        }

        /// How often the event's item stood in this place, from this source.
        package subscript(hits source: Source, place: Int) -> Int {
            get { hitsBySource[Self.index(source, place)] }
            set { hitsBySource[Self.index(source, place)] = newValue }
        }

        /// Counts an event.
        mutating func add(_ score: ListScore) {
            events += 1
            for (index, source) in score.sources.prefix(ServedList.placesMax).enumerated() {
                self[shown: source, index + 1] += 1
            }
            if let place = score.place, let source = score.source, place <= ServedList.placesMax {
                self[hits: source, place] += 1
            }
        }

        private static func index(_ source: Source, _ place: Int) -> Int {
            let row =
                switch source {
                case .online: 0
                case .offline: 1
                case .popular: 2
                }
            return row * ServedList.placesMax + place - 1
        }

        package static func += (left: inout Counts, right: Counts) {
            left.events += right.events
            for index in left.shownBySource.indices {
                left.shownBySource[index] += right.shownBySource[index]
                left.hitsBySource[index] += right.hitsBySource[index]
            }
        }
    }

    /// The counts of each group.
    package var groups: [Group: Counts] = [:]
    /// Who won where online and offline items stood side by side.
    package var contest = Contest()

    package init() {}

    /// Whether nothing has been counted.
    package var isEmpty: Bool { groups.isEmpty && contest.isEmpty }

    /// Counts an event.
    /// - Parameter bucket: the user's, of ``Contest/bucketCount``.
    package mutating func add(_ score: ListScore, bucket: Int) {
        groups[Group(generation: score.generation, blend: score.blend), default: Counts()].add(score)
        contest.add(score, bucket: bucket)
    }

    package static func += (left: inout QualityTally, right: QualityTally) {
        for (group, counts) in right.groups { left.groups[group, default: Counts()] += counts }
        left.contest += right.contest
    }
}

/// Rates out of counts.
package struct QualityRates: Sendable, Hashable {
    /// Events that were scored.
    package let events: Int
    /// Those of them whose item stood in the list.
    package let hits: Int
    /// The sum of 1 / place over the hits.
    package let reciprocalRanks: Double

    /// The share of events whose item stood in the list; nil without events.
    package var hitRate: Double? { events > 0 ? Double(hits) / Double(events) : nil }
    /// The mean of 1 / place, 0 for a miss; nil without events.
    package var meanReciprocalRank: Double? { events > 0 ? reciprocalRanks / Double(events) : nil }
}

extension QualityTally.Counts {
    /// Rates over all places, or over those from one source: what each adds to the whole.
    package func rates(of source: Source? = nil) -> QualityRates {
        var hits = 0
        var reciprocalRanks = 0.0
        for place in 1...ServedList.placesMax {
            let count = hitCount(place, of: source)
            hits += count
            reciprocalRanks += Double(count) / Double(place)
        }
        return QualityRates(events: events, hits: hits, reciprocalRanks: reciprocalRanks)
    }

    /// Places that stood before events, and hits among them, of one place or all, from one source or all.
    package func shownCount(_ place: Int? = nil, of source: Source? = nil) -> Int {
        sum(place, source) { self[shown: $0, $1] }
    }

    /// Hits in one place or all, from one source or all.
    package func hitCount(_ place: Int? = nil, of source: Source? = nil) -> Int {
        sum(place, source) { self[hits: $0, $1] }
    }

    private func sum(_ place: Int?, _ source: Source?, _ count: (Source, Int) -> Int) -> Int {
        let places = place.map { $0...$0 } ?? 1...ServedList.placesMax
        return (source.map { [$0] } ?? Source.allCases).reduce(0) { sum, source in
            places.reduce(sum) { $0 + count(source, $1) }
        }
    }
}
