// Every object name below the store's prefix. Nothing else in the project spells one.

import Models

/// Names of objects in the object store.
enum ObjectNames {
    /// CSV files as they come.
    static let sourceData = "source_data/"
    /// Events as the archive keeps them.
    static let eventArchive = "events/"
    /// Prepared data, a folder for each preparation.
    static let preparedData = "infer_data/"
    /// Which preparation counts; written last.
    static let preparedManifest = "infer_data/manifest.json"
    /// Releases, a folder each.
    static let releases = "recommendations/"
    /// The manifest of the release that waits to be published.
    static let releaseDraft = "data/release_draft.json"
    /// Training runs that wait to be written down in MLflow, a folder each.
    static let tracking = "mlflow/"

    /// Whatever need not last.
    static func scratch(_ name: String) -> String { "data/\(name)" }
    /// A CSV file as it came.
    static func sourceFile(_ name: String) -> String { sourceData + name }
    /// A file of the event archive.
    static func archivedFile(_ name: String) -> String { eventArchive + name }
    /// A file of a preparation.
    static func preparedFile(_ preparation: String, _ name: String) -> String {
        "\(preparedData)\(preparation)/\(name)"
    }
    /// A release's folder.
    static func release(_ release: String) -> String { "\(releases)\(release)/" }
    /// A file of a release.
    static func releaseFile(_ release: String, _ name: String) -> String { Self.release(release) + name }
    /// A release's manifest, written last.
    static func manifest(_ release: String) -> String { releaseFile(release, "manifest.json") }
    /// The models below a slot, a folder each.
    static func models(_ slot: ModelSlot) -> String { "\(slot.rawValue)/" }
    /// Which model a slot holds; written last.
    static func modelManifest(_ slot: ModelSlot) -> String { models(slot) + "manifest.json" }
    /// A model's own manifest.
    static func modelManifest(_ model: String, _ slot: ModelSlot) -> String { modelFile(model, "manifest.json", slot) }
    /// A file of a model.
    static func modelFile(_ model: String, _ name: String, _ slot: ModelSlot) -> String {
        "\(models(slot))\(model)/\(name)"
    }
    /// A file of a run that waits for MLflow; with an empty name, what all of its files start with.
    static func tracked(_ entry: String, _ name: String) -> String { "\(tracking)\(entry)/\(name)" }
}
