// What a model says about itself: where it comes from, how well it did, and which files it consists of.

/// Where models are kept.
package enum ModelSlot: String, Codable, CaseIterable, Sendable {
    /// The model that lists are made with, and those before it.
    case inUse = "model"
    /// A candidate that waits for a person's word.
    case retrained = "model_retrained"
}

/// The files of a model.
package enum ModelFile: String, Codable, CaseIterable, Sendable {
    /// Hyperparameters and what the trees look at, as the trainer reads them back.
    case description = "model.json"
    /// Trees, as XGBoost keeps them; absent where there was too little to learn from.
    case ranker = "ranker.ubj"
    /// Offline metrics with their protocol; absent where nobody could be judged.
    case evaluation = "evaluation.json"
    /// The same as a picture.
    case picture = "evaluation.svg"
}

/// What is promised about a file of a model.
package struct ModelFileInfo: Codable, Hashable, Sendable {
    /// Its size in bytes.
    package let bytes: Int
    /// SHA-256 in lower-case hex.
    package let sha256: String
}

/// A model's table of contents.
package struct ModelManifest: Codable, Hashable, Sendable {
    /// The layout that this build writes and reads.
    package static let format = 1

    /// The layout's number.
    package let format: Int
    /// The model's name, which is its folder's name; sorts by time.
    package let model: String
    /// When it was trained, Unix ms.
    package let createdAtMs: Int64
    /// The newest event that it learned from, Unix ms; nil if unknown.
    package let trainedThroughMs: Int64?
    /// The prepared data that it learned from.
    package let preparation: String
    /// What it would be trained again for: a fingerprint of the data and of the settings of the training.
    package let origin: String
    /// Hyperparameters, for people.
    package let parameters: [String: String]
    /// Offline metrics and figures of the training, for people and for comparisons.
    package let metrics: [String: Double]
    /// Its files.
    package let files: [String: ModelFileInfo]
    /// When it came into use, Unix ms, and by whose word; nil for one that never was.
    package internal(set) var promotedAtMs: Int64?
    package internal(set) var promotedBy: String?
    /// The model that was in use before it.
    package internal(set) var previous: String?

    /// What is promised about a file; nil if the model has none.
    package func file(_ file: ModelFile) -> ModelFileInfo? { files[file.rawValue] }

    private enum CodingKeys: String, CodingKey {
        case format, model, preparation, origin, parameters, metrics, files, previous
        case createdAtMs = "created_at_ms"
        case trainedThroughMs = "trained_through_ms"
        case promotedAtMs = "promoted_at_ms"
        case promotedBy = "promoted_by"
    }
}

/// A model that is to be kept.
package struct ModelContent: Sendable {
    package var model: String
    package var createdAtMs: Int64
    package var trainedThroughMs: Int64?
    package var preparation: String
    package var origin: String
    package var parameters: [String: String]
    package var metrics: [String: Double]
    package var files: [ModelFile: [UInt8]]

    package init(
        model: String, createdAtMs: Int64, trainedThroughMs: Int64?, preparation: String, origin: String,
        parameters: [String: String], metrics: [String: Double], files: [ModelFile: [UInt8]]
    ) {
        self.model = model
        self.createdAtMs = createdAtMs
        self.trainedThroughMs = trainedThroughMs
        self.preparation = preparation
        self.origin = origin
        self.parameters = parameters
        self.metrics = metrics
        self.files = files
    }
}
