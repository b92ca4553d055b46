// A real JuiceFS gateway for tests: another S3, stricter than SeaweedFS in that it checks a body's hash.

/// One JuiceFS S3 gateway over a local folder.
package final class JuiceServer: Sendable {
    private static let secondsToStartMax = 30
    private static let volume = "freshet"

    package let endpoint: S3Endpoint
    private let folder: TemporaryFolder
    private let process: ChildProcess

    private init(folder: TemporaryFolder) async throws {
        let program = try ServerProgram.find("juicefs")
        let port = try FreePort.find()
        self.folder = folder
        endpoint = S3Endpoint(
            address: "http://127.0.0.1:\(port)", bucket: Self.volume, accessKeyID: "freshet",
            secretAccessKey: "secret12")
        let metadata = "sqlite3://" + folder.appending("metadata.db")
        let environment = [
            "MINIO_ROOT_USER": endpoint.accessKeyID, "MINIO_ROOT_PASSWORD": endpoint.secretAccessKey,
            "HOME": folder.path,
        ]
        try await ChildProcess.run(
            program,
            [
                "--no-agent", "format", metadata, Self.volume, "--storage", "file",
                "--bucket", folder.appending("data/"), "--trash-days", "0",
            ],
            environment: environment, logFile: folder.appending("format.log"))
        process = try ChildProcess.spawn(
            program,
            [
                "--no-agent", "gateway", metadata, "127.0.0.1:\(port)", "--keep-etag", "--no-usage-report",
                "--no-banner", "--no-bgjob", "--backup-meta", "0", "--metrics", "127.0.0.1:0",
                "--log", folder.appending("gateway.log"), "--cache-dir", folder.appending("cache"),
                "--attr-cache", "0", "--entry-cache", "0", "--dir-entry-cache", "0",
            ],
            environment: environment, workingDirectory: folder.path, logFile: folder.appending("juice.log"))
        try await ServerProgram.awaitOutput(
            "IAM initialization complete", of: process, withinSeconds: Self.secondsToStartMax)
    }

    /// Starts a server and returns when it serves.
    package static func start() async throws -> JuiceServer {
        let folder = try TemporaryFolder("juice")
        do {
            return try await JuiceServer(folder: folder)
        } catch {
            folder.remove()
            throw error
        }
    }

    /// Ends the server and removes everything of it.
    package func shutdown() async {
        await process.kill()
        folder.remove()
    }
}

/// Runs a server beside `body` and ends it behind it.
package func withJuiceServer<Value>(_ body: (JuiceServer) async throws -> Value) async throws -> Value {
    let server = try await JuiceServer.start()
    do {
        let value = try await body(server)
        await server.shutdown()
        return value
    } catch {
        await server.shutdown()
        throw error
    }
}
