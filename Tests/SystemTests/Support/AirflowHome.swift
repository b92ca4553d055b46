// An Airflow as our DAG finds it: its own packages, a database of its own in the test's folder, our dags and nothing else.

import FoundationEssentials
import TestServers
import Testing

/// Runs Airflow's command, and Python as our DAG's tasks run it.
struct AirflowHome {
    private static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    private static let dags = "\(project)/deploy/airflow/dags"
    /// A start of Airflow takes ten seconds on a quiet machine.
    private static let withinMs = 300_000

    let folder: TemporaryFolder
    /// Where the DAG finds Redis.
    let redisURL: String

    private var environment: [String: String] {
        [
            "AIRFLOW_HOME": folder.appending("airflow"), "AIRFLOW__CORE__DAGS_FOLDER": Self.dags,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW_CONN_FRESHET_REDIS": redisURL,
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": Self.dags,
        ]
    }

    /// Makes Airflow's database.
    func migrate() async throws {
        let result = try await run("airflow", ["db", "migrate"])
        try #require(result.status == .exited(0), "\(result.output)")
    }

    /// A run of the DAG to its end, with parameters as a JSON object.
    func test(_ parameters: String, _ environment: [String: String] = [:]) async throws -> CommandResult {
        try await run("airflow", ["dags", "test", "prepare_recs", "--conf", parameters], environment)
    }

    /// Runs lines of Python that use the DAG's own modules. `client` is a connection to Redis, `watch` waits for a
    /// second for whoever is silent.
    func python(_ lines: String) async throws -> CommandResult {
        let opening = """
            import logging, sys
            from freshet.connection import open_redis, options_of_url
            from freshet.errors import FreshetError
            from freshet.following import Watch
            from freshet.release import ReleaseFollower
            from freshet.training import *
            logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
            client = open_redis(options_of_url("\(redisURL)"))
            watch = Watch(client, 1)
            training = Training(watch)

            """
        return try await run("python", ["-c", opening + lines])
    }

    private func run(
        _ program: String, _ arguments: [String], _ environment: [String: String] = [:]
    ) async throws -> CommandResult {
        let log = folder.appending("airflow-\(UInt32.random(in: .min ... .max)).log")
        let child = try ChildProcess.spawn(
            "\(Self.project)/.venv-airflow/bin/\(program)", arguments,
            environment: self.environment.merging(environment) { $1 }, workingDirectory: folder.path, logFile: log)
        let status = await child.wait(withinMs: Self.withinMs)
        if status == nil { await child.kill() }
        return CommandResult(status: status, output: child.log())
    }
}
