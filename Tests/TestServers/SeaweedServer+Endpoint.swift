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
package enum ServerProgram {
    /// A program of the project's virtual environment, else of PATH.
    package static func find(_ name: String) throws -> String {
        if let path = path(name) { return path }
        throw TestServerError("'\(name)' is missing and the tests run against the real server: run 'make deps-test'")
    }

    /// The same; nil where there is none. Servers of Debian lie where only root's PATH leads.
    package static func path(_ name: String) -> String? {
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let searched = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return ([project + "/.venv/bin"] + searched + ["/usr/sbin", "/sbin"]).map { $0 + "/" + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether there is such a program.
    package static func isThere(_ name: String) -> Bool { path(name) != nil }

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
