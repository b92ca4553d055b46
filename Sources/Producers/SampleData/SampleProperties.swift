// item_properties_part1.csv and part2.csv: what is known of each item, as weekly snapshots that only name what has
// changed. The first half of the items is in part 1, the rest in part 2.

/// The rows of one part, `timestamp,itemid,property,value`, by week and within a week by item.
package struct SampleProperties: Sequence {
    /// How many parts the rows come in.
    package static let parts = 2

    let parameters: SampleDataParameters
    let catalogue: SampleCatalogue
    let items: Range<Int>

    package func makeIterator() -> Iterator { Iterator(self) }

    /// Makes the part chunk by chunk.
    package struct Iterator: IteratorProtocol {
        private let properties: SampleProperties
        private let weeks: Int
        private var week = 0
        private var nextItem: Int
        private var isHeaderWritten = false

        fileprivate init(_ properties: SampleProperties) {
            self.properties = properties
            weeks = properties.weeks
            nextItem = properties.items.lowerBound
        }

        /// The next chunk; nil after the last row.
        package mutating func next() -> [UInt8]? {
            var chunk = SampleChunk()
            if !isHeaderWritten {
                chunk.text("timestamp,itemid,property,value\n")
                isHeaderWritten = true
            }
            while !chunk.isFull, week < weeks {
                if nextItem == properties.items.upperBound {
                    week += 1
                    nextItem = properties.items.lowerBound
                } else {
                    properties.write(item: nextItem, week: week, to: &chunk)
                    nextItem += 1
                }
            }
            return chunk.bytes.isEmpty ? nil : chunk.bytes
        }
    }

    /// RetailRocket's shares of items that ever change.
    private static let categoryChangeChance = 0.0622
    private static let availabilityChangeChance = 0.1726
    private static let priceChangeChance = 0.3
    private static let availableChance = 0.9
    private static let hashedPropertiesMax = 4

    private var weeks: Int { (parameters.days + 6) / 7 }

    /// Writes what a snapshot says about an item: everything in the first week, later only what differs.
    private func write(item: Int, week: Int, to chunk: inout SampleChunk) {
        var random = SampleRandom(seed: parameters.seed, .properties, item)
        let categoryWeek = changeWeek(Self.categoryChangeChance, &random)
        let availabilityWeek = changeWeek(Self.availabilityChangeChance, &random)
        let returnWeek = availabilityWeek.map { $0 + 1 + random.below(weeks) }
        let priceWeek = changeWeek(Self.priceChangeChance, &random)
        let isAvailable = random.chance(Self.availableChance)
        let otherLeaf = random.below(catalogue.leaves.count)
        let price = 10 + random.below(5_000)

        if week == 0 {
            row(item, week, "categoryid", &chunk) { $0.number(category(leaf: Int(catalogue.leafOfItem[item]))) }
            row(item, week, "available", &chunk) { $0.number(isAvailable ? 1 : 0) }
        }
        if week == categoryWeek { row(item, week, "categoryid", &chunk) { $0.number(category(leaf: otherLeaf)) } }
        if week == availabilityWeek { row(item, week, "available", &chunk) { $0.number(isAvailable ? 0 : 1) } }
        if week == returnWeek { row(item, week, "available", &chunk) { $0.number(isAvailable ? 1 : 0) } }
        if week == 0 || week == priceWeek {
            row(item, week, "790", &chunk) { chunk in
                chunk.text("n")
                chunk.number(week == 0 ? price : price * 9 / 10)
                chunk.text(".000")
            }
        }
        guard week == 0 else { return }
        for _ in 0..<random.below(Self.hashedPropertiesMax + 1) { hashedRow(item, week, &random, &chunk) }
    }

    /// A row of the kind that RetailRocket made unreadable: numbers in place of names and of words.
    private func hashedRow(_ item: Int, _ week: Int, _ random: inout SampleRandom, _ chunk: inout SampleChunk) {
        let property = 1 + random.below(700)
        let words = 1 + random.below(3)
        var values: [Int] = []
        for _ in 0..<words { values.append(1 + random.below(1_350_000)) }
        row(item, week, String(property), &chunk) { chunk in
            for (place, value) in values.enumerated() {
                if place > 0 { chunk.text(" ") }
                chunk.number(value)
            }
        }
    }

    private func row(
        _ item: Int, _ week: Int, _ property: String, _ chunk: inout SampleChunk, value: (inout SampleChunk) -> Void
    ) {
        chunk.number(Int(parameters.startMs + Int64(week) * 7 * SampleDataParameters.dayMs))
        chunk.text(",")
        chunk.number(item + 1)
        chunk.text(",")
        chunk.text(property)
        chunk.text(",")
        value(&chunk)
        chunk.text("\n")
    }

    /// The week in which something changes; nil if it does not, or if there is only one snapshot.
    private func changeWeek(_ chance: Double, _ random: inout SampleRandom) -> Int? {
        guard random.chance(chance), weeks > 1 else { return nil }
        return 1 + random.below(weeks - 1)
    }

    private func category(leaf: Int) -> Int { catalogue.leaves[leaf] + 1 }
}
