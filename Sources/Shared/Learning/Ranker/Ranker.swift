// From candidates of the past to a model that orders candidates of the present.

/// A trained ranker.
package struct Ranker: Sendable {
    /// How the training went.
    package struct Figures: Codable, Hashable, Sendable {
        /// Candidates that it learned from, and how many of them were hits.
        package internal(set) var rows = 0
        package internal(set) var hits = 0
        /// Users that it learned from.
        package internal(set) var users = 0
        /// Of what users touched in the periods, and might have been recommended, the share that was among their
        /// candidates.
        package internal(set) var candidateRecall = 0.0
    }

    /// The trees as bytes.
    package let model: [UInt8]
    /// The columns that the trees look at, among those of ``CandidateFeatures``.
    package let featureNames: [String]
    package let figures: Figures
    /// What the decisions on each feature gain on average.
    package let importance: [String: Double]

    /// Learns from the periods before `atMs`, Unix ms. Nil if they hold too little to learn from.
    /// - Throws: CancellationError, `BoostingError`.
    package static func learn(
        _ data: TrainingData, atMs: Int64, parameters: RankerParameters, control: StepControl = StepControl()
    ) throws -> Ranker? {
        let rows = try RankerRows(data, atMs: atMs, parameters: parameters, control: control.part(0...0.8))
        guard rows.figures.hits >= parameters.hitsMin else { return nil }
        return try Ranker(rows, parameters.boosting, control: control.part(0.8...1))
    }

    /// Grows trees on rows, of which there must be some.
    init(_ rows: RankerRows, _ boosting: BoostingParameters, control: StepControl) throws {
        let features = rows.features.columns(rows.features.varyingColumns())
        let trees = try GradientBoostedTrees(
            growingOn: features, labels: rows.labels, groups: rows.groups, parameters: boosting, control: control)
        control.report(1)
        let importance = try trees.importance().map { ($0.feature, Double($0.gain)) }
        self.init(
            model: try trees.bytes(), featureNames: features.names, figures: rows.figures,
            importance: Dictionary(uniqueKeysWithValues: importance))
    }

    private init(model: [UInt8], featureNames: [String], figures: Figures, importance: [String: Double]) {
        self.model = model
        self.featureNames = featureNames
        self.figures = figures
        self.importance = importance
    }

    /// A ranker as it was kept.
    /// - Throws: `BoostingError` if the bytes are no trees over these columns, or this build does not know a column.
    package init(
        keptModel model: [UInt8], featureNames: [String], figures: Figures, importance: [String: Double]
    ) throws {
        let unknown = featureNames.filter { !CandidateFeatures.names.contains($0) }
        guard unknown.isEmpty else {
            throw BoostingError(reason: "this build does not know the features \(unknown.joined(separator: ", "))")
        }
        _ = try TreeScorer(bytes: model, featureNames: featureNames, columnNames: CandidateFeatures.names)
        self.init(model: model, featureNames: featureNames, figures: figures, importance: importance)
    }
}
