// Anybody may put events on the stream: the documented lines work with clients that are not ours.

import Fixtures
import FoundationEssentials
import Models
import Stores
import TestServers
import Testing

@testable import Features

@Suite(.serialized, .timeLimit(.minutes(2))) struct ForeignProducerTests {
    /// The Python that has redis-py: the project's virtual environment, or the system's.
    private static let python: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let inEnvironment = root.appending(path: ".venv/bin/python3").path
        return FileManager.default.isExecutableFile(atPath: inEnvironment) ? inEnvironment : "python3"
    }()

    @Test func `redis-cli adds an event`() async throws {
        try await withTestBed { bed in
            try await running(bed.features()) {
                try await ChildProcess.run(
                    "redis-cli",
                    [
                        "-p", "\(bed.server.port)", "XADD", "events", "*", "user_id", "42", "item_id", "10", "event",
                        "addtocart",
                    ],
                    logFile: bed.server.folder.appending("redis-cli.log"))
                try await eventually("applied") { try await bed.online("42")["10"]?.contains(" addtocart 0 ") == true }
            }
        }
    }

    @Test func `redis-py adds events in a pipeline`() async throws {
        try await withTestBed { bed in
            try await running(bed.features()) {
                let program = """
                    import redis
                    with redis.Redis(port=\(bed.server.port)).pipeline(transaction=False) as pipeline:
                        for place in range(100):
                            event = {"user_id": 42, "item_id": f"item{place}", "ts": 1700000000000 + place}
                            pipeline.xadd("events", event)
                        pipeline.execute()
                    """
                try await ChildProcess.run(
                    Self.python, ["-c", program], logFile: bed.server.folder.appending("redis-py.log"))
                try await eventually("applied") {
                    try await Set(bed.online("42").keys) == Set((90..<100).map { "item\($0)" })
                }
                #expect(try await bed.online("42")["item99"]?.hasPrefix("1700000000099 ") == true)
            }
        }
    }
}
