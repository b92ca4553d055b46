// A run of the service is a run of the whole pipeline, in the order of its mode.

import Models
package import Stores
import Telemetry

/// Training by all steps of the pipeline.
package struct PipelineWork: TrainingWork {
    private let pipeline: TrainingPipeline

    package init(_ pipeline: TrainingPipeline) { self.pipeline = pipeline }

    package func run(
        _ order: TrainingOrder, published: @escaping @Sendable (_ release: String) async throws -> Void,
        report: @escaping @Sendable (TrainingProgress) -> Void
    ) async throws -> TrainingResult {
        let outcome = try await pipeline.run(
            mode: order.mode, nowMs: UTCTime.nowMs(), producer: "freshet trainer, run \(order.run)",
            published: { try await published($0.release) }, progress: report)
        return TrainingResult(release: outcome.release.release, metrics: outcome.release.metrics, outcome: outcome)
    }
}
