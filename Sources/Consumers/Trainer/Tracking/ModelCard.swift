// The file by which MLflow's clients know what a model's folder holds, so that they can load it.

import FoundationEssentials
import Stores

/// The file `MLmodel`.
enum ModelCard {
    /// Trees as XGBoost keeps them: `mlflow.xgboost.load_model` gives a Booster.
    static func text(_ model: ModelManifest) -> String {
        let made = Date(timeIntervalSince1970: Double(model.createdAtMs) / 1000).formatted(
            .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
        return """
            artifact_path: model
            flavors:
              xgboost:
                code: null
                data: \(ModelFile.ranker.rawValue)
                model_class: xgboost.core.Booster
                model_format: ubj
            utc_time_created: '\(made)'

            """
    }
}
