// What the commands of training share: stores, parameters from the settings, and prepared data.

import Bootstrap
import Settings
import Stores
import Telemetry
import Trainer

/// The settings and stores of a command that trains.
struct TrainingContext: Sendable {
    let base: OperatorContext
    let stores: TrainingStores
    let preparation: PreparationParameters
    let parameters: TrainingParameters
    let mode: TrainingMode
    /// Nil without MLflow.
    let tracking: HandTracking?

    static func load() async throws -> TrainingContext {
        let base = try await OperatorContext.load()
        let settings = try TrainingSettings(base.reader)
        let stores = TrainingStores(objects: try Resources.objectStore(base.stores.objects))
        let parameters = TrainingParameters(settings, types: base.events.types)
        return TrainingContext(
            base: base, stores: stores,
            preparation: PreparationParameters(settings, types: base.events.types),
            parameters: parameters, mode: settings.isAutonomous ? .autonomous : .manual,
            tracking: try HandTracking(base, stores, parameters))
    }

    /// Prepared data: prepared now, or before if nothing has changed.
    func prepare() async throws -> PreparedData {
        let meter = ProgressMeter(label: "prepare-data")
        let preparing = PrepareData(
            source: stores.source, archive: stores.archive, prepared: stores.prepared, parameters: preparation)
        let prepared = try await preparing.run(nowMs: UTCTime.nowMs(), progress: meter.show)
        let how = prepared.isReused ? "data as prepared before" : "prepared data"
        meter.end("\(how): infer_data/\(prepared.manifest.preparation)")
        return prepared
    }
}
