// What stands in MLflow, read by MLflow's own client for Python, which is how data scientists see it.

import FoundationEssentials
import Redis
import TestServers
import Testing

/// The server of the suite.
enum SuiteMLflow {
    @TaskLocal static var current: MLflowServer?
}

struct MLflowServerTrait: SuiteTrait, TestScoping {
    var isRecursive: Bool { false }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let server = try await MLflowServer.start()
        do {
            try await SuiteMLflow.$current.withValue(server) { try await body() }
            let (log, status) = await server.stop()
            #expect(log.contains("stopped; everything is kept"), "\(log)")
            #expect(status == .exited(130), "\(log)")
        } catch {
            await server.shutdown()
            throw error
        }
        await server.shutdown()
    }
}

extension Trait where Self == MLflowServerTrait {
    /// One MLflow server for the whole suite, since it takes ten seconds to start.
    static var mlflowServer: MLflowServerTrait { MLflowServerTrait() }
}

/// An experiment and a registered model, whole.
struct MLflowView: Decodable {
    struct Run: Decodable {
        let id: String
        let name: String
        let status: String
        let tags: [String: String]
        let params: [String: String]
        let metrics: [String: Double]
        /// Where each artifact lies after it was downloaded.
        let artifacts: [String: String]
        let curve: [Double]
    }

    struct Version: Decodable {
        let version: String
        let run: String
        let source: String
        let model: String
    }

    let runs: [Run]
    let versions: [Version]
    let aliases: [String: String]
    /// Trees of the model in use, loaded as data scientists load it; nil if there is none.
    let boosterRounds: Int?

    /// Our model behind an alias.
    func model(_ alias: String) -> String? {
        aliases[alias].flatMap { version in versions.first { $0.version == version }?.model }
    }

    private static let script = """
        import json, os, sys
        import mlflow
        from mlflow.tracking import MlflowClient
        uri, name, folder = sys.argv[1:]
        mlflow.set_tracking_uri(uri)
        client = MlflowClient()
        experiment = client.get_experiment_by_name(name)
        found = client.search_runs([experiment.experiment_id]) if experiment else []
        runs = []
        for run in found:
            target = os.path.join(folder, run.info.run_id)
            os.makedirs(target, exist_ok=True)
            mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="", dst_path=target)
            files = [os.path.join(d, f) for d, _, fs in os.walk(target) for f in fs]
            runs.append(dict(
                id=run.info.run_id, name=run.info.run_name, status=run.info.status, tags=run.data.tags,
                params=run.data.params, metrics=run.data.metrics,
                curve=[m.value for m in client.get_metric_history(run.info.run_id, "search.ndcg")],
                artifacts={os.path.relpath(f, target): f for f in files}))
        versions = [
            dict(version=str(v.version), run=v.run_id, source=v.source, model=v.tags.get("freshet.model", ""))
            for v in client.search_model_versions("name='%s'" % name)]
        try:
            aliases = {k: str(v) for k, v in client.get_registered_model(name).aliases.items()}
        except mlflow.exceptions.MlflowException:
            aliases = {}
        rounds = None
        if "in_use" in aliases:
            import mlflow.xgboost
            rounds = mlflow.xgboost.load_model("models:/%s@in_use" % name).num_boosted_rounds()
        print("VIEW " + json.dumps(dict(runs=runs, versions=versions, aliases=aliases, boosterRounds=rounds)))
        """

    /// Reads the experiment and the model `name`.
    static func read(_ server: MLflowServer, _ name: String, in folder: TemporaryFolder) async throws -> MLflowView {
        let mark = UInt32.random(in: .min ... .max)
        let script = try folder.write(script, to: "view-\(mark).py")
        let child = try ChildProcess.spawn(
            MLflowServer.tool("python"),
            [script, "http://127.0.0.1:\(server.port)", name, folder.appending("artifacts-\(mark)")],
            environment: ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "GIT_PYTHON_REFRESH": "quiet"],
            workingDirectory: folder.path, logFile: folder.appending("view-\(mark).log"))
        let status = await child.wait(withinMs: 120_000)
        if status == nil { await child.kill() }
        let line = child.log().split(separator: "\n").last { $0.hasPrefix("VIEW ") }
        let text = try #require(line, "\(child.log())").dropFirst("VIEW ".count)
        return try JSONDecoder().decode(MLflowView.self, from: Data(text.utf8))
    }
}
