// What the trees say about a row: the same bits as XGBoost's answer, several times as fast. Every user has some 450
// candidates and every candidate is shown to 500 trees, so this is most of what making offline lists costs.

import CKernels
import Glibc

/// Scores rows by trees that were grown elsewhere.
package struct TreeScorer: Sendable {
    /// The columns of the tables that are scored.
    package let columnNames: [String]
    private let trees: TreePieces
    /// What a row has before the first tree.
    private let base: Float
    private let isLogistic: Bool
    private let threads: Int

    /// Rows that a thread takes at a time; the kernel takes 64 of them side by side.
    private static let rowsPerBlock = 1_024

    /// Reads what `GradientBoostedTrees.bytes()` wrote.
    ///
    /// - Parameters:
    ///   - bytes: A model of XGBoost 1.7 in universal binary JSON, of one output.
    ///   - featureNames: The columns that the trees were grown on.
    ///   - columnNames: The columns of the tables to be scored, in any order; there may be more of them.
    /// - Throws: ``BoostingError`` for bytes that are no such model, or columns that the tables do not have.
    package init(
        bytes: [UInt8], featureNames: [String], columnNames: [String], threads: Int = Parallel.workersDefault
    ) throws(BoostingError) {
        guard !bytes.isEmpty else { throw BoostingError(reason: "the model is empty") }
        self.columnNames = columnNames
        self.threads = threads
        var columns: [Int] = []
        for name in featureNames {
            guard let column = columnNames.firstIndex(of: name) else {
                throw BoostingError(reason: "there is no feature \(name)")
            }
            columns.append(column)
        }
        let learner = try UniversalBinaryJSON(bytes).member("learner")
        let booster = try learner.member("gradient_booster")
        let (kind, objective) = (try booster.text("name"), try learner.member("objective").text("name"))
        guard kind == "gbtree", let objective = BoostingParameters.Objective(rawValue: objective) else {
            throw BoostingError(reason: "this program does not know models of \(kind) for \(objective)")
        }
        let described = try learner.member("learner_model_param")
        let columnCount = try described.text("num_feature")
        guard columnCount == "\(featureNames.count)" else {
            throw BoostingError(reason: "the model has \(columnCount) columns, not \(featureNames.count)")
        }
        guard let score = Float(try described.text("base_score")) else {
            throw BoostingError(reason: "the model's base score is no number")
        }
        isLogistic = objective == .logistic
        // A probability; trees add to its logit.
        base = isLogistic ? -logf(1 / score - 1) : score
        guard case .array(let trees) = try booster.member("model").member("trees") else {
            throw BoostingError(reason: "the model has no trees")
        }
        var pieces = TreePieces()
        for tree in trees { pieces.append(try BoostedTree(tree, columns: columns)) }
        self.trees = pieces
    }

    /// A score for each row; a probability for the objective `logistic`, comparable within a user for the others.
    /// - Throws: ``BoostingError`` if the table has other columns, CancellationError.
    package func scores(_ table: FeatureMatrix, control: StepControl = StepControl()) throws -> [Float] {
        guard table.names == columnNames else {
            throw BoostingError(reason: "the table's columns are not those that the scorer was made for")
        }
        let width = columnNames.count
        var scores = [Float](repeating: base, count: table.rowCount)
        try scores.withUnsafeMutableBufferPointer { scores in
            guard let sums = scores.baseAddress else { return }
            try table.values.withUnsafeBufferPointer { values in
                guard let rows = values.baseAddress else { return }
                try Parallel.forEachRange(
                    of: table.rowCount, by: Self.rowsPerBlock, workers: threads, control: control
                ) { range, _ in
                    kernels_score_trees(
                        trees.pieces, trees.pieces.count, trees.nodes, trees.leaves, rows + range.lowerBound * width,
                        range.count, width, sums + range.lowerBound)
                }
            }
        }
        return isLogistic ? scores.map(Self.probability) : scores
    }

    /// The logistic function, with XGBoost's own guards against overflow and division by nothing.
    private static func probability(_ sum: Float) -> Float { 1 / (expf(min(-sum, 88.7)) + 1 + 1e-16) }
}
