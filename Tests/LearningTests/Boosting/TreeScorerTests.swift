// The scorer is ours, the trees are XGBoost's: it must give XGBoost's own answers, to the last bit.

import Models
import Testing

@testable import Learning

@Suite struct `A tree scorer` {
    /// Rows of six columns, some of whose values are missing, others repeated often, so that rows meet thresholds exactly.
    private static func rows(_ count: Int, seed: UInt64) -> FeatureMatrix {
        var random = SplitMix64(seed: seed)
        var features = FeatureMatrix(names: ["a", "b", "c", "d", "e", "f"])
        for _ in 0..<count {
            features.append(
                (0..<6).map { column in
                    guard random.next() % 7 > UInt64(column) / 2 else { return Float.nan }
                    let value = Float.random(in: -2..<2, using: &random)
                    return column % 2 == 0 ? (value * 4).rounded() / 4 : value
                })
        }
        return features
    }

    private static func grow(
        _ objective: BoostingParameters.Objective, depthMax: Int, rounds: Int = 40
    ) throws -> GradientBoostedTrees {
        let features = rows(4_000, seed: 1)
        var random = SplitMix64(seed: 2)
        let labels = (0..<features.rowCount).map { row -> Float in
            let sum = features[row].reduce(Float(0)) { $0 + ($1.isNaN ? 0.7 : $1 * $1) }
            return sum + Float.random(in: -1..<1, using: &random) > 8 ? 1 : 0
        }
        var parameters = BoostingParameters()
        parameters.objective = objective
        parameters.rounds = rounds
        parameters.depthMax = depthMax
        parameters.childWeightMin = 0.1
        parameters.columnShare = 0.7
        return try GradientBoostedTrees(
            growingOn: features, labels: labels, groups: [Int](repeating: 20, count: 200), parameters: parameters)
    }

    @Test(arguments: BoostingParameters.Objective.allCases, [1, 3, 5, 6, 9])
    func `says what XGBoost says to the last bit`(objective: BoostingParameters.Objective, depthMax: Int) throws {
        let trees = try Self.grow(objective, depthMax: depthMax)
        let scorer = try TreeScorer(
            bytes: trees.bytes(), featureNames: trees.featureNames, columnNames: trees.featureNames)
        for count in [1, 63, 64, 65, 3_001] {
            let features = Self.rows(count, seed: UInt64(count))
            let (own, theirs) = (try scorer.scores(features), try trees.scores(features))
            let differing = zip(own, theirs).count { $0.bitPattern != $1.bitPattern }
            #expect(own.count == count && differing == 0, "\(differing) of \(count) rows differ")
            #expect(count < 100 || Set(own).count > 1, "all rows score the same")
        }
        #expect(try scorer.scores(FeatureMatrix(names: trees.featureNames)).isEmpty)
    }

    @Test func `finds its columns in a table of more`() throws {
        let trees = try Self.grow(.rankNDCG, depthMax: 5)
        let features = Self.rows(200, seed: 3)
        let names = ["x", "f", "e", "d", "c", "b", "a"]
        var wider = FeatureMatrix(names: names)
        for row in 0..<features.rowCount { wider.append([Float(row)] + features[row].reversed()) }
        let scorer = try TreeScorer(bytes: trees.bytes(), featureNames: trees.featureNames, columnNames: names)
        #expect(try scorer.scores(wider) == trees.scores(features))
        #expect(throws: BoostingError.self) { try scorer.scores(features) }
    }

    @Test func `refuses what is no model of these columns`() throws {
        let trees = try Self.grow(.logistic, depthMax: 3, rounds: 2)
        let (bytes, names) = (try trees.bytes(), trees.featureNames)
        func read(_ bytes: [UInt8], _ features: [String]) throws {
            _ = try TreeScorer(bytes: bytes, featureNames: features, columnNames: names)
        }
        try read(bytes, names)
        #expect(throws: BoostingError.self) { try read([], names) }
        #expect(throws: BoostingError.self) { try read(bytes, Array(names.dropLast())) }
        #expect(throws: BoostingError.self) { try read(bytes, names.dropLast() + ["unknown"]) }
        #expect(throws: BoostingError.self) { try read(bytes + [0], names) }
        #expect(throws: BoostingError.self) { try read([UInt8](repeating: UInt8(ascii: "["), count: 100_000), names) }
        // Cut off anywhere, it is no model; with any byte wrong, it is one or it is not, but nothing breaks.
        for count in stride(from: 1, to: bytes.count, by: 97) {
            #expect(throws: BoostingError.self) { try read(Array(bytes.prefix(count)), names) }
        }
        let rows = Self.rows(70, seed: 9)
        for place in stride(from: 0, to: bytes.count, by: 13) {
            var damaged = bytes
            damaged[place] ^= 0xFF
            _ = try? TreeScorer(bytes: damaged, featureNames: names, columnNames: names).scores(rows)
        }
    }

    @Test func `stops when it is told to`() throws {
        let trees = try Self.grow(.logistic, depthMax: 3, rounds: 2)
        let scorer = try TreeScorer(
            bytes: trees.bytes(), featureNames: trees.featureNames, columnNames: trees.featureNames)
        #expect(throws: CancellationError.self) {
            try scorer.scores(Self.rows(10, seed: 1), control: StepControl(isCancelled: { true }))
        }
    }
}
