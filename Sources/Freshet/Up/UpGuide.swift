// Leads a first start through: data, a release, a live generation; then says what to try. With everything there already
// it only says so.

import Logging
import Models
import Redis
import SampleData
import ServiceLifecycle
import Stores
import Telemetry
import Trainer

/// Brings the system to its first answer, in front of whoever started it.
struct UpGuide: Service {
    /// How long Redis may take to start; it reads its whole data back first.
    private static let redisStartSeconds = 120
    /// How long all instances may take to serve the first generation.
    private static let firstGenerationSeconds = 300

    let stores: RedisStores
    let training: TrainingStores
    /// Writes the first run down in MLflow; nil where there is none.
    let recorder: RunRecorder?
    let types: EventTypes
    let ports: UpPorts
    let objects: String

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do { try await lead() } catch is CancellationError { return }
        }
        try await gracefulShutdown()
    }

    private func lead() async throws {
        let startedMs = UTCTime.nowMs()
        print("Freshet is starting. Ctrl-C stops everything in order.")
        try await waitForRedis()
        print("  redis     127.0.0.1:\(ports.redis), private, with its data kept")
        print("  objects   \(objects)")
        try await ensureSourceData()
        try await ensureRelease()
        let generation = try await waitForGeneration(startedMs)
        print("  ready     generation \(generation) is live, \(seconds(since: startedMs)) s after the start\n")
        try await sayWhatToTry(generation)
        flush()
    }

    private func waitForRedis() async throws {
        let deadline = ContinuousClock.now + .seconds(Self.redisStartSeconds)
        while let fault = await stores.fault(deadlineMs: 1000) {
            guard ContinuousClock.now < deadline else {
                throw OperatorError("the private Redis does not start: \(fault)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func ensureSourceData() async throws {
        let files = try await training.source.files()
        guard files.isEmpty else {
            return print("  data      \(files.count) files in source_data/")
        }
        let parameters = SampleDataParameters.standard
        try await SampleDataWriting.write(parameters, to: training.source) { written in
            ProgressLine.show("  data      writing a sample log, \(written) of \(parameters.events) events")
        }
        ProgressLine.show(
            "  data      wrote a sample log: \(parameters.events) events of \(parameters.users) users with "
                + "\(parameters.items) items", isLast: true)
    }

    private func ensureRelease() async throws {
        if let newest = try await training.releases.names().last {
            if try await stores.releases.latest() == nil { try await stores.releases.request(newest) }
            return print("  release   \(newest)")
        }
        var parameters = TrainingParameters.light
        parameters.types = types
        var preparation = PreparationParameters()
        preparation.types = types
        let pipeline = TrainingPipeline(stores: training, preparation: preparation, parameters: parameters)
        var record = RunToRecord(
            run: TrainingRequests.newID(nowMs: UTCTime.nowMs()), state: .succeeded, mode: TrainingMode.manual.rawValue,
            producer: "freshet up", startedAtMs: UTCTime.nowMs(), endedAtMs: UTCTime.nowMs())
        let outcome = try await pipeline.run(
            mode: .manual, nowMs: UTCTime.nowMs(), producer: "freshet up",
            progress: { progress in
                ProgressLine.show("  release   \(Int(progress.fraction * 100)) % \(progress.step.rawValue)")
            })
        record.endedAtMs = UTCTime.nowMs()
        record.outcome = outcome
        await recorder?.record(record)
        ProgressLine.show("  release   \(outcome.release.release), computed from source_data/", isLast: true)
        try await stores.releases.request(outcome.release.release)
    }

    /// Waits until every instance of this process serves a generation.
    private func waitForGeneration(_ startedMs: Int64) async throws -> Int {
        let deadline = ContinuousClock.now + .seconds(Self.firstGenerationSeconds)
        while ContinuousClock.now < deadline {
            if let outcome = try await stores.releases.outcome(), outcome.state == "refused",
                let reason = outcome.reason, try await stores.generations.active() == nil
            {
                throw OperatorError("the release was refused: \(reason)")
            }
            if let active = try await stores.generations.active() {
                let acknowledged = try await stores.instances.acknowledgements(of: active).filter {
                    $0.value >= startedMs
                }
                let roles = Set(acknowledged.keys.compactMap { $0.split(separator: "@").first })
                if roles.isSuperset(of: ["gateway", "features"]) { return active }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw OperatorError("no generation became live within \(Self.firstGenerationSeconds) s; look at the log")
    }

    private func sayWhatToTry(_ generation: Int) async throws {
        let popular = try await stores.lists.popular(generation: generation, category: nil)
        let item = popular.first?.item.text ?? "1"
        print(
            """
              gateway   http://127.0.0.1:\(ports.gateway)/docs
              ingest    http://127.0.0.1:\(ports.ingest)/docs
              features  http://127.0.0.1:\(ports.features)/docs
              redis     redis-cli -p \(ports.redis)

            A first thing to try, in another shell. A user whom nobody knows gets what is popular:

              curl 'http://127.0.0.1:\(ports.gateway)/v1/recommendations/ann?k=5'

            Now ann looks at item \(item), and a moment later her recommendations follow from it:

              redis-cli -p \(ports.redis) XADD events '*' user_id ann item_id \(item)
              curl 'http://127.0.0.1:\(ports.gateway)/v1/recommendations/ann?k=5&explain=true'
              redis-cli -p \(ports.redis) HGETALL 'online:{ann}'

            """)
    }

    private func seconds(since startedMs: Int64) -> String {
        let tenths = (UTCTime.nowMs() - startedMs + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
