// The trees are XGBoost's; what is tested is that we ask for them and read them rightly.

import FoundationEssentials
import Models
import Testing

@testable import Learning

@Suite struct `Gradient-boosted trees` {
    /// Users with ten candidates each, of which those with a large first column are hits; the second column is noise, the
    /// third is missing in every other row.
    private static func sample(
        users: Int, seed: UInt64
    ) -> (features: FeatureMatrix, labels: [Float], groups: [Int]) {
        var random = SplitMix64(seed: seed)
        var features = FeatureMatrix(names: ["signal", "noise", "seldom"])
        var labels: [Float] = []
        for user in 0..<users {
            for place in 0..<10 {
                let signal = Float.random(in: 0..<1, using: &random)
                let noise = Float.random(in: 0..<1, using: &random)
                features.append([signal, noise, (user + place) % 2 == 0 ? .nan : noise])
                labels.append(signal + Float.random(in: -0.2..<0.2, using: &random) > 0.7 ? 1 : 0)
            }
        }
        return (features, labels, [Int](repeating: 10, count: users))
    }

    private static func parameters(_ objective: BoostingParameters.Objective) -> BoostingParameters {
        var parameters = BoostingParameters()
        parameters.objective = objective
        parameters.rounds = 30
        parameters.childWeightMin = 1
        parameters.columnShare = 1
        return parameters
    }

    private static func grow(
        _ objective: BoostingParameters.Objective, users: Int = 200
    ) throws -> GradientBoostedTrees {
        let (features, labels, groups) = sample(users: users, seed: 1)
        return try GradientBoostedTrees(
            growingOn: features, labels: labels, groups: groups, parameters: parameters(objective))
    }

    @Test(arguments: BoostingParameters.Objective.allCases)
    func `put hits before the others`(objective: BoostingParameters.Objective) throws {
        let trees = try Self.grow(objective)
        let (features, labels, groups) = Self.sample(users: 100, seed: 2)
        let scores = try trees.scores(features)
        var right = 0
        var pairs = 0
        for user in groups.indices {
            let rows = user * 10..<(user + 1) * 10
            for hit in rows where labels[hit] == 1 {
                for other in rows where labels[other] == 0 {
                    pairs += 1
                    if scores[hit] > scores[other] { right += 1 }
                }
            }
        }
        // Labels are noisy within 0.2 of the border, so nobody gets all.
        #expect(Double(right) > 0.9 * Double(pairs), "\(right) of \(pairs)")
        #expect(try trees.importance().first?.feature == "signal")
    }

    @Test func `score as their own dump says`() throws {
        let trees = try Self.grow(.logistic)
        let (features, _, _) = Self.sample(users: 20, seed: 3)
        let nodes = try trees.treesAsJSON().map { try JSONDecoder().decode(Node.self, from: Data($0.utf8)) }
        #expect(nodes.count == 30)
        let scores = try trees.scores(features)
        for row in 0..<features.rowCount {
            let values = Dictionary(uniqueKeysWithValues: zip(features.names, features[row]))
            let sum = nodes.reduce(Float(0)) { $0 + $1.leaf(for: values) }
            // The base score is a half, whose logit is nothing.
            #expect(abs(scores[row] - 1 / (1 + exponential(-sum))) < 1e-5)
        }
        #expect(nodes.contains { $0.usesMissing }, "no tree decides what to do without a value")
    }

    @Test func `are the same after they were written and read`() throws {
        let trees = try Self.grow(.rankNDCG)
        let (features, _, _) = Self.sample(users: 20, seed: 3)
        let again = try GradientBoostedTrees(bytes: trees.bytes(), featureNames: trees.featureNames)
        #expect(try again.scores(features) == trees.scores(features))
        #expect(try again.importance().map(\.feature) == trees.importance().map(\.feature))
    }

    @Test(arguments: BoostingParameters.Objective.allCases)
    func `are the same bytes for the same input and seed`(objective: BoostingParameters.Objective) throws {
        #expect(try Self.grow(objective).bytes() == Self.grow(objective).bytes())
    }

    @Test func `refuse what does not fit together`() throws {
        let (features, labels, groups) = Self.sample(users: 3, seed: 1)
        func grow(_ features: FeatureMatrix, _ labels: [Float], _ groups: [Int]) throws {
            _ = try GradientBoostedTrees(
                growingOn: features, labels: labels, groups: groups, parameters: Self.parameters(.rankNDCG))
        }
        #expect(throws: BoostingError.self) { try grow(FeatureMatrix(names: ["a"]), [], []) }
        #expect(throws: BoostingError.self) { try grow(features, Array(labels.dropLast()), groups) }
        #expect(throws: BoostingError.self) { try grow(features, labels, [10, 10]) }
        #expect(throws: BoostingError.self) { try grow(features, labels, [10, 25, -5]) }
        #expect(throws: BoostingError.self) { try grow(features, labels.dropLast() + [.nan], groups) }

        let trees = try Self.grow(.logistic, users: 5)
        #expect(throws: BoostingError.self) { try trees.scores(FeatureMatrix(names: ["signal"], values: [1])) }
        #expect(throws: BoostingError.self) { try GradientBoostedTrees(bytes: [], featureNames: ["a"]) }
        #expect(throws: BoostingError.self) { try GradientBoostedTrees(bytes: [1, 2, 3], featureNames: ["a"]) }
        let bytes = try trees.bytes()
        #expect(throws: BoostingError.self) { try GradientBoostedTrees(bytes: bytes, featureNames: ["a"]) }
        #expect(try trees.scores(FeatureMatrix(names: trees.featureNames)) == [])
    }

    @Test func `stop growing when they are told to`() throws {
        let (features, labels, groups) = Self.sample(users: 3, seed: 1)
        let control = StepControl(isCancelled: { true })
        #expect(throws: CancellationError.self) {
            _ = try GradientBoostedTrees(
                growingOn: features, labels: labels, groups: groups, parameters: Self.parameters(.logistic),
                control: control)
        }
    }

    @Test func `learn from hits alone or none at all`() throws {
        let (features, labels, groups) = Self.sample(users: 3, seed: 1)
        for label in [Float(0), 1] {
            let trees = try GradientBoostedTrees(
                growingOn: features, labels: labels.map { _ in label }, groups: groups,
                parameters: Self.parameters(.logistic))
            #expect(try trees.scores(features).allSatisfy { abs($0 - label) < 0.5 })
        }
    }
}

/// A node of XGBoost's dump.
private struct Node: Decodable {
    let leaf: Float?
    let split: String?
    let splitCondition: Float?
    let yes: Int?
    let no: Int?
    let missing: Int?
    let nodeid: Int
    let children: [Node]?

    enum CodingKeys: String, CodingKey {
        case leaf, split, yes, no, missing, nodeid, children
        case splitCondition = "split_condition"
    }

    /// A row falls to the left if it is less than the condition.
    func leaf(for values: [String: Float]) -> Float {
        guard let split, let splitCondition, let value = values[split] else { return leaf ?? 0 }
        let next = value.isNaN ? missing : value < splitCondition ? yes : no
        return children?.first { $0.nodeid == next }?.leaf(for: values) ?? 0
    }

    /// Whether a value that is missing in the sample is decided upon, and not always like a small one.
    var usesMissing: Bool {
        (split == "seldom" && missing != nil) || (children ?? []).contains(where: \.usesMissing)
    }
}

/// e^x by its series, since the standard library alone has none.
private func exponential(_ exponent: Float) -> Float {
    var term = 1.0
    var sum = 1.0
    let part = Double(exponent) / 64
    for index in 1...12 {
        term *= part / Double(index)
        sum += term
    }
    return Float((0..<6).reduce(sum) { power, _ in power * power })
}
