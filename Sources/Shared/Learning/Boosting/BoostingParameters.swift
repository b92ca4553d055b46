// How trees are grown.

/// The settings of gradient-boosted trees; names and meanings are XGBoost's (Chen and Guestrin, KDD 2016).
package struct BoostingParameters: Codable, Hashable, Sendable {
    /// What the trees learn.
    package enum Objective: String, Codable, Hashable, Sendable, CaseIterable {
        /// Candidates of a user in the order of NDCG (LambdaMART, Burges 2010).
        case rankNDCG = "rank:ndcg"
        /// Pairs of a user's candidates the right way round.
        case rankPairwise = "rank:pairwise"
        /// The probability that a candidate is a hit.
        case logistic = "binary:logistic"

        /// Whether rows belong to groups, a user each.
        var isGrouped: Bool { self != .logistic }
    }

    package var objective = Objective.logistic
    /// How many trees are grown.
    package var rounds = 300
    /// The most decisions on a way through a tree.
    package var depthMax = 5
    /// What each tree counts (eta), 0 to 1.
    package var learningRate = 0.05
    /// The least sum of second derivatives in a leaf: about the hits that it rests on, times four.
    package var childWeightMin = 50.0
    /// The L2 penalty on leaves.
    package var lambda = 1.0
    /// The share of rows that a tree sees.
    package var rowShare = 0.8
    /// The share of columns that a tree sees.
    package var columnShare = 0.4
    /// Where chance starts from.
    package var seed = 1
    /// Threads that grow trees.
    package var threads = Parallel.workersDefault

    package init() {}

    /// In XGBoost's words.
    var settings: [(name: String, value: String)] {
        [
            ("objective", objective.rawValue), ("tree_method", "hist"), ("max_depth", "\(depthMax)"),
            ("eta", "\(learningRate)"), ("min_child_weight", "\(childWeightMin)"), ("lambda", "\(lambda)"),
            ("subsample", "\(rowShare)"), ("colsample_bytree", "\(columnShare)"), ("seed", "\(seed)"),
            ("nthread", "\(threads)"), ("verbosity", "0"),
        ]
    }
}
