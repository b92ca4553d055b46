// MLflow: whether the tracking server is there, and what waits for it. Nothing of it stops training, so nothing fails.

import Bootstrap
import Logging
import Settings
import Stores
import Telemetry
import Tracking

/// Looks at MLflow, where it is set up.
enum TrackingChecks {
    /// What waits for longer than this waits for a person, in milliseconds.
    private static let waitMsMax: Int64 = 3_600_000

    /// No findings without MLFLOW_TRACKING_URI.
    static func findings(_ context: OperatorContext) async -> [Finding] {
        do {
            let settings = try MLflowSettings(context.reader)
            guard let uri = settings.trackingURI else { return [] }
            let stores = TrainingStores(objects: try Resources.objectStore(context.stores.objects))
            var logger = Logger(label: "mlflow")
            logger.logLevel = .error
            let tracker = try Tracker(
                settings, stores: stores, metrics: MetricsRegistry(role: "operator"), logger: logger)
            return [await server(tracker, uri), await spool(tracker)]
        } catch {
            return [.failure("mlflow.settings", "\(error)", "correct the setting; see .env.template")]
        }
    }

    private static func server(_ tracker: Tracker, _ uri: String) async -> Finding {
        do {
            let version = try await tracker.check()
            return .ok("mlflow.reach", "\(uri): answers\(version.map { ", version \($0)" } ?? "")")
        } catch {
            return .warning(
                "mlflow.reach", "\(error)",
                "start it (`make mlflow` does so here) or correct MLFLOW_TRACKING_URI; runs wait meanwhile, training goes on"
            )
        }
    }

    private static func spool(_ tracker: Tracker) async -> Finding {
        do {
            let status = try await tracker.status()
            let oldestMs = status.waiting.first.map { UTCTime.nowMs() - $0.sinceMs } ?? 0
            let text = "\(status.waiting.count) runs wait, \(status.refused.count) were refused"
            if !status.refused.isEmpty {
                return .warning(
                    "mlflow.spool", text,
                    "`freshet mlflow status` has the reasons; then `freshet mlflow send --refused`")
            }
            if oldestMs > waitMsMax {
                return .warning("mlflow.spool", "\(text), for \(oldestMs / 60_000) minutes", "freshet mlflow send")
            }
            return .ok("mlflow.spool", text)
        } catch {
            return .warning("mlflow.spool", "cannot be read: \(error)", "see the findings about the object store")
        }
    }
}
