// The limit for throughput: what the HTTP server does when there is nothing to do.

import ArgumentParser
import Hummingbird
import Logging

struct HelloCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hello", abstract: "Serve the plainest Hummingbird application.", shouldDisplay: false)

    @Option var port: Int

    func run() async throws {
        let router = Router()
        router.get("/hello") { _, _ in "Hello" }
        var logger = Logger(label: "hello")
        logger.logLevel = .error
        try await Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger
        ).run()
    }
}
