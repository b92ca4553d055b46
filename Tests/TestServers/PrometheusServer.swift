// A real Prometheus for tests: the project's own configuration, with a shorter pace and with the ports of the test.

import FoundationEssentials
import Glibc

/// One Prometheus server.
package final class PrometheusServer: Sendable {
    /// Its port on 127.0.0.1.
    package let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    private init(configurationFolder: String, targets: [Int]) throws {
        folder = try TemporaryFolder("prometheus")
        port = try FreePort.find()
        var configuration = try String(contentsOfFile: "\(configurationFolder)/prometheus.yml", encoding: .utf8)
        // What is read every quarter of a minute in production is read every second here.
        configuration = configuration.replacing("interval: 15s", with: "interval: 1s")
        configuration = configuration.replacing("rules/*.yml", with: "\(configurationFolder)/rules/*.yml")
        _ = try folder.write(configuration, to: "prometheus.yml")
        try FileManager.default.createDirectory(
            atPath: folder.appending("targets"), withIntermediateDirectories: true)
        let list = targets.map { "    - 127.0.0.1:\($0)\n" }.joined()
        _ = try folder.write("- targets:\n\(list)", to: "targets/test.yml")
        process = try ChildProcess.spawn(
            ServerProgram.find("prometheus"),
            [
                "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                "--web.listen-address=127.0.0.1:\(port)",
            ], workingDirectory: folder.path, logFile: folder.appending("prometheus.log"))
    }

    /// Starts a server and returns once it takes queries.
    /// - Parameters:
    ///   - configurationFolder: where prometheus.yml and its rules are, absolute.
    ///   - targets: the ports to scrape.
    package static func start(configurationFolder: String, targets: [Int]) async throws -> PrometheusServer {
        let server = try PrometheusServer(configurationFolder: configurationFolder, targets: targets)
        do {
            try await ServerProgram.awaitOutput(
                "Server is ready to receive web requests", of: server.process, withinSeconds: 30)
            return server
        } catch {
            await server.shutdown()
            throw error
        }
    }

    /// Ends the server and removes everything of it.
    package func shutdown() async {
        await process.kill()
        folder.remove()
    }
}
