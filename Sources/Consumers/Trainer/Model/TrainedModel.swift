// A model as the trainer holds it, and its way into the object store and back.

import FoundationEssentials
package import Learning
package import Stores

/// A model that lists can be made with.
package struct TrainedModel: Sendable {
    /// Where it comes from.
    package let manifest: ModelManifest
    /// What candidates and lists are computed with.
    package let parameters: TrainingParameters
    /// Nil where there was too little to learn from: lists follow from similar items then.
    package let ranker: Ranker?

    /// Reads the model that a slot holds; nil if it holds none.
    /// - Throws: `StoreError` if it is there and cannot be read, with what to do about it.
    package static func read(from models: ModelStore, _ slot: ModelSlot) async throws -> TrainedModel? {
        guard let manifest = try await models.manifest(in: slot) else { return nil }
        guard let bytes = try await models.read(.description, of: manifest, in: slot) else {
            throw StoreError(.corrupted, "model \(manifest.model) has no \(ModelFile.description.rawValue); retrain")
        }
        let trees = try await models.read(.ranker, of: manifest, in: slot)
        do {
            let description = try JSONDecoder().decode(ModelDescription.self, from: Data(bytes))
            var ranker: Ranker?
            if let kept = description.ranker, let trees {
                ranker = try Ranker(
                    keptModel: trees, featureNames: kept.featureNames, figures: kept.figures,
                    importance: kept.importance)
            }
            return TrainedModel(manifest: manifest, parameters: description.parameters, ranker: ranker)
        } catch {
            throw StoreError(.refused, "model \(manifest.model) is of another build of Freshet (\(error)); retrain")
        }
    }
}

extension TrainedModel {
    /// NDCG of the search that a model's parameters come from, before it and after each of its stages; empty if there was
    /// none, or another build writes models otherwise.
    static func searchCurve(
        of manifest: ModelManifest, in slot: ModelSlot, from models: ModelStore
    ) async throws -> [Double] {
        guard let bytes = try await models.read(.description, of: manifest, in: slot),
            let description = try? JSONDecoder().decode(ModelDescription.self, from: Data(bytes)),
            let stages = description.search?.stages, let first = stages.first
        else { return [] }
        return [first.before] + stages.map(\.after)
    }
}

/// The file `model.json`.
struct ModelDescription: Codable {
    struct KeptRanker: Codable {
        let featureNames: [String]
        let figures: Ranker.Figures
        let importance: [String: Double]
    }

    let parameters: TrainingParameters
    let ranker: KeptRanker?
    let search: SearchReport?

    init(_ parameters: TrainingParameters, _ ranker: Ranker?, _ search: SearchReport?) {
        self.parameters = parameters
        self.ranker = ranker.map {
            KeptRanker(featureNames: $0.featureNames, figures: $0.figures, importance: $0.importance)
        }
        self.search = search
    }
}
