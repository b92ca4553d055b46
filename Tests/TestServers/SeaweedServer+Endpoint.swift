// What a test has to know about an S3 server, and how such servers are found and awaited.

import FoundationEssentials

/// A running S3 server with one empty bucket.
package struct S3Endpoint: Sendable {
    /// `http://127.0.0.1:port`.
    package let address: String
    package let bucket: String
    package let accessKeyID: String
    package let secretAccessKey: String

    /// The store's URL as an operator would configure it.
    package func url(prefix: String) -> String {
        "s3://\(bucket)/\(prefix)?endpoint=\(address)&style=path"
    }
}

/// The programs that come from Python packages.
enum ServerProgram {
    /// A program of the project's virtual environment, else of PATH.
    static func find(_ name: String) throws -> String {
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let searched = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in [project + "/.venv/bin"] + searched {
            let path = folder + "/" + name
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw TestServerError("'\(name)' is missing and the tests run against the real server: run 'make deps-test'")
    }

    /// Returns when a program has printed `text`.
    static func awaitOutput(_ text: String, of process: ChildProcess, withinSeconds: Int) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(withinSeconds)
        while !process.log().contains(text) {
            guard process.isRunning, clock.now < deadline else {
                await process.kill()
                throw TestServerError("no '\(text)' from the server within \(withinSeconds) s:\n\(process.log())")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
