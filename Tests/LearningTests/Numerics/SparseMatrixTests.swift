// Cells from events, against sums by user and item over all events.

import Models
import Testing

@testable import Learning

struct SparseMatrixTests {
    private let minuteMs: Int64 = 60_000
    private let startMs: Int64 = 1_700_000_000_000

    private func bruteForce(
        _ interactions: [Interaction], _ data: TrainingData, value: (Interaction) -> Double,
        aggregate: (Double) -> Double = { $0 }
    ) -> [[UInt32: Double]] {
        var sums = [[UInt32: Double]](repeating: [:], count: data.interactions.users.count)
        for interaction in interactions {
            let weight = value(interaction)
            guard weight > 0, let user = data.interactions.users.index(of: interaction.user),
                let item = data.catalogue.items.index(of: interaction.item)
            else { continue }
            sums[user][UInt32(item), default: 0] += weight
        }
        return sums.map { $0.mapValues(aggregate) }
    }

    private func expectCells(
        _ matrix: SparseMatrix, _ expected: [[UInt32: Double]], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(matrix.rowCount == expected.count, sourceLocation: sourceLocation)
        for row in 0..<matrix.rowCount {
            let cells = matrix.row(row)
            #expect(cells.map(\.0) == expected[row].keys.sorted(), sourceLocation: sourceLocation)
            for (column, value) in cells {
                let right = expected[row][column] ?? 0
                #expect(abs(Double(value) - right) < 1e-5 * right, sourceLocation: sourceLocation)
            }
        }
    }

    @Test func `cells are sums of weights by user and item`() throws {
        let interactions = randomInteractions(seed: 1)
        let data = try trainingData(interactions)
        expectCells(SparseMatrix(data.interactions), bruteForce(interactions, data) { $0.weight })
    }

    @Test func `a window, other weights and age change what events count`() throws {
        let interactions = randomInteractions(seed: 2)
        let data = try trainingData(interactions)
        var weighting = InteractionWeighting()
        let cutMs = startMs + 15_000 * minuteMs
        weighting.timesMs = startMs + 5000 * minuteMs..<cutMs
        // By name: views out, the others by weights of their own.
        let names = EventTypes.standard.orderedNames
        weighting.typeWeights = names.map { $0 == "view" ? 0 : $0 == "addtocart" ? 2 : 5 }
        weighting.halfLifeMs = Double(1000 * minuteMs)
        weighting.referenceMs = startMs + 12_000 * minuteMs
        weighting.aggregation = .capped(3)
        let value = { (interaction: Interaction) in
            let time = interaction.timestampMs
            guard time >= startMs + 5000 * minuteMs, time < cutMs, interaction.type != "view" else { return 0.0 }
            var weight = interaction.type == "addtocart" ? 2.0 : 5.0
            var ageMinutes = Double(startMs + 12_000 * minuteMs - time) / Double(minuteMs)
            while ageMinutes >= 1000 {
                weight /= 2
                ageMinutes -= 1000
            }
            // Between halvings, by the square root of a half sixty times: close enough to tell a wrong exponent.
            return ageMinutes > 0 ? weight * power(0.5, ageMinutes / 1000) : weight
        }
        let expected = bruteForce(interactions, data, value: value) { min($0, 3) }
        expectCells(SparseMatrix(data.interactions, weighting: weighting), expected)
        #expect(expected.contains { $0.values.contains(3) } && expected.contains { $0.values.contains { $0 < 2 } })
    }

    @Test func `without a reference age counts from the cut, or from the newest event`() throws {
        let data = try trainingData([Interaction("u", "a", minute: 0), Interaction("u", "b", minute: 60)])
        var weighting = InteractionWeighting()
        weighting.typeWeights = data.interactions.typeWeights.map { _ in 1 }
        weighting.halfLifeMs = Double(60 * minuteMs)
        #expect(SparseMatrix(data.interactions, weighting: weighting).values == [0.5, 1])
        weighting.timesMs = .min..<startMs + 30 * minuteMs
        let cut = SparseMatrix(data.interactions, weighting: weighting)
        #expect(cut.columns == [0])
        #expect(abs(cut.values[0] - Float(0.5.squareRoot())) < 1e-6)
        weighting.timesMs = .min..<Int64.max
        weighting.halfLifeMs = 1
        #expect(
            SparseMatrix(data.interactions, weighting: weighting).columns == [1], "what has decayed to zero is no cell")
    }

    @Test func `a logarithm is of one more than the sum`() throws {
        let data = try trainingData([Interaction("u", "a", minute: 0), Interaction("u", "a", minute: 1)])
        var weighting = InteractionWeighting()
        weighting.typeWeights = data.interactions.typeWeights.map { _ in 0.5 }
        weighting.aggregation = .logarithm
        #expect(SparseMatrix(data.interactions, weighting: weighting).values == [0.693_147_2])
    }

    @Test func `transposing twice changes nothing, once changes rows and columns about`() {
        let matrix = randomMatrix(seed: 3, users: 40, items: 25)
        let turned = matrix.transposed()
        #expect(turned.rowCount == 25 && turned.columnCount == 40)
        for item in 0..<25 {
            let expected = (0..<40).compactMap { user in
                matrix.row(user).first { $0.0 == item }.map { (UInt32(user), $0.1) }
            }
            #expect(turned.row(item).map(\.0) == expected.map(\.0))
            #expect(turned.row(item).map(\.1) == expected.map(\.1))
        }
        #expect(turned.transposed() == matrix)
        #expect(matrix.rows(0..<40) == matrix)
        #expect(matrix.rows(7..<9).row(1).map(\.0) == matrix.row(8).map(\.0))
        for item in 0..<25 as Range<UInt32> {
            #expect(matrix.contains(row: 5, column: item) == matrix.row(5).contains { $0.0 == item })
        }
    }

    @Test func `an empty table is an empty matrix`() throws {
        let matrix = SparseMatrix(try trainingData([]).interactions)
        #expect(matrix.rowCount == 0 && matrix.count == 0)
        #expect(matrix.transposed().rowCount == matrix.columnCount)
    }

    /// base^exponent for 0 <= exponent < 1, by the exponent's binary digits.
    private func power(_ base: Double, _ exponent: Double) -> Double {
        var result = 1.0
        var root = base
        var rest = exponent
        for _ in 0..<60 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }
}
