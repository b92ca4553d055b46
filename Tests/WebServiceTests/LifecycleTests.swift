// Start, port, graceful stop.

import HTTPTypes
import Hummingbird
import ServiceLifecycle
import Testing
import WebService

@Suite(.timeLimit(.minutes(1))) struct LifecycleTests {
    @Test func `the bound port is told, and a request in progress is answered before the server stops`() async throws {
        let (ports, portFound) = AsyncStream<Int>.makeStream()
        let (arrivals, requestArrived) = AsyncStream<Void>.makeStream()
        let (releases, release) = AsyncStream<Void>.makeStream()
        let router = makeRouter()
        router.get("/slow") { _, _ in
            requestArrived.yield()
            for await _ in releases { break }
            return "finished"
        }
        let application = makeApplication(
            router: router, address: ServiceAddress(host: "127.0.0.1", port: 0),
            telemetry: ServiceTelemetry(role: "sample"), logger: SampleService.quietLogger,
            onListening: { portFound.yield($0) })
        let group = ServiceGroup(services: [application], logger: SampleService.quietLogger)
        try await withThrowingTaskGroup(of: RawAnswer?.self) { tasks in
            tasks.addTask {
                try await group.run()
                return nil
            }
            let port = try #require(await ports.first { _ in true })
            tasks.addTask {
                try await RawConnection.exchange(port: port, ["GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"])
            }
            for await _ in arrivals { break }
            await group.triggerGracefulShutdown()
            release.yield()
            let answers = try await tasks.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            #expect(answers.map(\.statuses) == [["200"]])
            #expect(answers.first?.text.hasSuffix("finished") == true)
            #expect(answers.first?.isClosed == true)
        }
    }
}
