// A real SeaweedFS for tests: all of its parts in one process, on ports of its own, with one empty bucket; killed and
// restarted at will.

import Synchronization

/// One SeaweedFS server.
package final class SeaweedServer: Sendable {
    private static let secondsToStartMax = 30

    package let endpoint: S3Endpoint
    /// `https://127.0.0.1:port` of the same bucket; nil unless TLS was asked for.
    package let secureAddress: String?
    /// The authority that signed the server's certificate.
    package let authorityFile: String
    /// The port, for a client that names the bucket in the host: `bucket.localhost`.
    package let port: Int
    private let folder: TemporaryFolder
    private let program: String
    private let arguments: [String]
    private let process = Mutex<ChildProcess?>(nil)

    private init(folder: TemporaryFolder, isTLS: Bool) async throws {
        program = try ServerProgram.find("weed")
        self.folder = folder
        port = try FreePort.find()
        endpoint = S3Endpoint(
            address: "http://127.0.0.1:\(port)", bucket: "freshet", accessKeyID: "freshet", secretAccessKey: "secret12")
        authorityFile = folder.appending(ServerCertificates.authorityFile)
        var arguments = [
            "mini", "-dir=\(folder.path)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-bucket=\(endpoint.bucket)",
            "-s3.port=\(port)", "-s3.domainName=localhost", "-s3.autoCreateBucket=false", "-s3.iam=false",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false", "-master.telemetry=false",
        ]
        for name in [
            "s3.port.grpc", "master.port", "master.port.grpc", "filer.port", "filer.port.grpc", "volume.port",
            "volume.port.grpc", "admin.port", "admin.port.grpc",
        ] {
            arguments.append("-\(name)=\(try FreePort.find())")
        }
        if isTLS {
            let securePort = try FreePort.find()
            secureAddress = "https://127.0.0.1:\(securePort)"
            try await ServerCertificates.make(in: folder)
            arguments += [
                "-s3.port.https=\(securePort)", "-s3.cert.file=\(folder.appending(ServerCertificates.certificateFile))",
                "-s3.key.file=\(folder.appending(ServerCertificates.keyFile))",
            ]
        } else {
            secureAddress = nil
        }
        self.arguments = arguments
        try await launch(run: 1)
    }

    private func launch(run: Int) async throws {
        let process = try ChildProcess.spawn(
            program, arguments,
            environment: [
                "AWS_ACCESS_KEY_ID": endpoint.accessKeyID, "AWS_SECRET_ACCESS_KEY": endpoint.secretAccessKey,
                "HOME": folder.path, "TMPDIR": folder.path,
            ],
            workingDirectory: folder.path, logFile: folder.appending("weed-\(run).log"))
        self.process.withLock { $0 = process }
        try await ServerProgram.awaitOutput("Press Ctrl+C", of: process, withinSeconds: Self.secondsToStartMax)
    }

    /// Ends the server without a word to anyone; its folder stays.
    package func kill() async { await process.withLock { $0 }?.kill() }

    /// Starts the server again on the same ports and folder, killing it first when it runs.
    package func restart() async throws {
        await kill()
        try await launch(run: Int.random(in: 2 ... .max))
    }

    /// Starts a server and returns when the bucket is there.
    package static func start(isTLS: Bool = false) async throws -> SeaweedServer {
        let folder = try TemporaryFolder("weed")
        do {
            return try await SeaweedServer(folder: folder, isTLS: isTLS)
        } catch {
            folder.remove()
            throw error
        }
    }

    /// Ends the server and removes everything of it.
    package func shutdown() async {
        await kill()
        folder.remove()
    }
}

/// Runs a server beside `body` and ends it behind it.
package func withSeaweedServer<Value>(
    isTLS: Bool = false, _ body: (SeaweedServer) async throws -> Value
) async throws -> Value {
    let server = try await SeaweedServer.start(isTLS: isTLS)
    do {
        let value = try await body(server)
        await server.shutdown()
        return value
    } catch {
        await server.shutdown()
        throw error
    }
}
