// A training run as it is written down in MLflow, and as it waits for that: everything in it, so that whoever sends it need
// ask nobody.

import FoundationEssentials

/// A run with its parameters, figures and files.
package struct TrackingRecord: Codable, Sendable, Hashable {
    /// How a run ended, in MLflow's words.
    package enum Status: String, Codable, Sendable {
        case finished = "FINISHED"
        case failed = "FAILED"
        case killed = "KILLED"
    }

    /// A figure, at a step of a curve or at 0.
    package struct Metric: Codable, Sendable, Hashable {
        package let key: String
        package let value: Double
        /// When it was so, Unix ms.
        package let timestamp: Int64
        package let step: Int

        package init(_ key: String, _ value: Double, atMs: Int64, step: Int = 0) {
            self.key = MLflowText.name(key)
            self.value = value
            timestamp = atMs
            self.step = step
        }
    }

    /// A file that waits beside the record.
    package struct File: Codable, Sendable, Hashable {
        /// Its name in the spool.
        package let name: String
        /// Its path among the run's artifacts.
        package let path: String

        package init(name: String, path: String) {
            self.name = name
            self.path = path
        }
    }

    /// The layout that this build writes and reads.
    package static let format = 1
    /// The folder of the artifacts that the model's version is made of.
    package static let modelFolder = "model"
    /// The tags by which a run and a version are found again, so that none is made twice.
    package static let runTag = "freshet.run"
    package static let modelTag = "freshet.model"

    package let format: Int
    /// Our name of the run.
    package let run: String
    package let status: Status
    /// Unix ms.
    package let startedAtMs: Int64
    package let endedAtMs: Int64
    package let tags: [String: String]
    package let parameters: [String: String]
    package let metrics: [Metric]
    package let files: [File]
    /// The model that it trained, which becomes a version of the registered model; nil for none.
    package let model: String?
    /// What the version says about itself.
    package let modelDescription: String?

    /// Names that MLflow does not take are made fit, texts that it finds too long are cut, and figures that are no numbers
    /// are left out.
    package init(
        run: String, status: Status, startedAtMs: Int64, endedAtMs: Int64, tags: [String: String],
        parameters: [String: String], metrics: [Metric], files: [File], model: String?, modelDescription: String? = nil
    ) {
        format = Self.format
        self.run = run
        self.status = status
        self.startedAtMs = startedAtMs
        self.endedAtMs = endedAtMs
        self.tags = MLflowText.texts(tags, bytesMax: MLflowText.tagBytesMax)
        self.parameters = MLflowText.texts(parameters, bytesMax: MLflowText.parameterBytesMax)
        self.metrics = metrics.filter(\.value.isFinite)
        self.files = files
        self.model = model
        self.modelDescription = modelDescription
    }
}

/// What MLflow takes.
enum MLflowText {
    static let nameBytesMax = 250
    static let tagBytesMax = 5000
    static let parameterBytesMax = 6000

    /// A name of a parameter, a figure or a tag: letters, digits and `_-. /` of ASCII.
    static func name(_ text: String) -> String {
        let fit = text.map { character in
            character.isASCII && (character.isLetter || character.isNumber || "_-. /".contains(character))
                ? character : "_"
        }
        return String(fit.prefix(nameBytesMax))
    }

    static func texts(_ texts: [String: String], bytesMax: Int) -> [String: String] {
        Dictionary(
            texts.map { (name($0.key), String(decoding: $0.value.utf8.prefix(bytesMax), as: UTF8.self)) },
            uniquingKeysWith: { first, _ in first })
    }
}
