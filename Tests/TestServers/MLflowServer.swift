// A real MLflow server for tests, with PostgreSQL and S3 behind it: the very script that `make mlflow` runs.

import FoundationEssentials
import Glibc

/// One MLflow tracking server.
package final class MLflowServer: Sendable {
    private static let secondsToStartMax = 240
    private static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Its port on 127.0.0.1.
    package let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    private init() throws {
        folder = try TemporaryFolder("mlflow")
        // PostgreSQL may run as another user than the tests.
        chmod(folder.path, 0o755)
        port = try FreePort.find()
        process = try ChildProcess.spawn(
            "\(Self.project)/scripts/mlflow", [],
            environment: ["MLFLOW_PORT": "\(port)", "MLFLOW_STATE": folder.appending("state")],
            workingDirectory: Self.project, logFile: folder.appending("mlflow.log"))
    }

    /// Starts a server and returns once it answers.
    package static func start() async throws -> MLflowServer {
        let server = try MLflowServer()
        do {
            try await ServerProgram.awaitOutput(
                "MLflow is ready", of: server.process, withinSeconds: secondsToStartMax)
            return server
        } catch {
            await server.shutdown()
            throw error
        }
    }

    /// Asks it to end, as Ctrl-C does; what it printed until then, and whether everything of it ended.
    package func stop() async -> (log: String, status: ChildProcess.ExitStatus?) {
        process.signal(SIGINT)
        let status = await process.wait(withinMs: 60_000)
        return (process.log(), status)
    }

    /// Ends the server and removes everything of it.
    package func shutdown() async {
        await process.kill()
        folder.remove()
    }

    /// A program of the environment that the server runs in, such as `python`.
    package static func tool(_ name: String) -> String { "\(project)/.venv-mlflow/bin/\(name)" }
}
