// The ranker's settings as a manifest shows them.

extension RankerParameters {
    /// Names and values, for people.
    package var described: [String: String] {
        [
            "ranker.candidates_max": "\(candidatesMax)",
            "ranker.halving_ms": "\(halvingMs)",
            "ranker.periods": "\(periods)",
            "ranker.period_share": "\(periodShare)",
            "ranker.rows_max": "\(rowsMax)",
            "ranker.hits_min": "\(hitsMin)",
            "ranker.recommends_touched": "\(recommendsTouched)",
            "ranker.objective": boosting.objective.rawValue,
            "ranker.rounds": "\(boosting.rounds)",
            "ranker.depth_max": "\(boosting.depthMax)",
            "ranker.learning_rate": "\(boosting.learningRate)",
            "ranker.child_weight_min": "\(boosting.childWeightMin)",
            "ranker.row_share": "\(boosting.rowShare)",
            "ranker.column_share": "\(boosting.columnShare)",
            "factors.count": "\(factorization.factors)",
            "factors.alpha": "\(factorization.alpha)",
            "factors.regularization": "\(factorization.regularization)",
            "factors.iterations": "\(factorization.iterations)",
            "autoencoder.regularization": "\(autoencoder.regularization)",
            "autoencoder.model_bytes_max": "\(autoencoder.modelBytesMax)",
        ]
    }
}
