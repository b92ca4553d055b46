// What the tests of the container files share: where they are, and what a filled-in .env says.

import FoundationEssentials
import TestServers

/// The project's container files.
enum ContainerFiles {
    /// The repository's folder.
    static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    /// The variables with the Redis users' passwords.
    static let passwords = [
        "INGEST_PASSWORD", "FEATURES_PASSWORD", "ARCHIVE_PASSWORD", "LOADER_PASSWORD", "TRAINER_PASSWORD",
        "GATEWAY_PASSWORD", "AIRFLOW_PASSWORD", "OPERATOR_PASSWORD",
    ]
    /// What a filled-in .env says.
    static let environment = Dictionary(
        uniqueKeysWithValues: passwords.map { ($0, "secret\($0.count)of\($0.prefix(3))") }
    ).merging(["S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret", "GRAFANA_PASSWORD": "picture"]) {
        first, _ in first
    }

    /// Runs a program in the repository's folder to its end; its status, nil if it took too long, and what it printed.
    static func run(
        _ program: String, _ arguments: [String], _ environment: [String: String] = [:], in folder: TemporaryFolder
    ) async throws -> (status: ChildProcess.ExitStatus?, output: String) {
        let child = try ChildProcess.spawn(
            program, arguments, environment: environment, workingDirectory: project,
            logFile: folder.appending("\(UInt32.random(in: .min ... .max)).log"))
        let status = await child.wait(withinMs: 30_000)
        if status == nil { await child.kill() }
        return (status, child.log())
    }
}
