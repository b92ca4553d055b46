// A model's figures by name, as its manifest and a release's show them, and as two models are compared by.

import Learning

/// Names of figures.
enum ModelMetrics {
    /// Figures of an evaluation, as `<lists>.<targets>.<metric>`; of the ranker, as `ranker.…`; of the search, as
    /// `search.…`.
    static func metrics(_ evaluation: Evaluation?, _ ranker: Ranker?, _ search: SearchReport?) -> [String: Double] {
        var metrics: [String: Double] = [:]
        for table in evaluation?.tables ?? [] {
            for row in table.rows {
                let prefix = "\(row.lists.rawValue).\(table.targets.rawValue)"
                for (metric, figure) in row.metrics { metrics["\(prefix).\(metric)"] = figure.value }
                metrics["\(prefix).coverage"] = row.coverage
                metrics["\(prefix).novelty"] = row.novelty
            }
            metrics["evaluation.\(table.targets.rawValue).users"] = Double(table.users)
        }
        if let ranker {
            metrics["ranker.rows"] = Double(ranker.figures.rows)
            metrics["ranker.users"] = Double(ranker.figures.users)
            metrics["ranker.hits"] = Double(ranker.figures.hits)
            metrics["ranker.candidate_recall"] = ranker.figures.candidateRecall
            for (feature, gain) in ranker.importance { metrics["ranker.gain.\(feature)"] = gain }
        }
        for stage in search?.stages ?? [] {
            metrics["search.\(stage.name).before"] = stage.before
            metrics["search.\(stage.name).after"] = stage.after
        }
        return metrics
    }
}
