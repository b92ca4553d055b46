// How fast a backlog is worked off: what a restarted features consumer does after an outage.

import Glibc
import Models
import Stores
import Telemetry

/// Events applied per second out of a backlog.
struct Backlog {
    private static let eventCount = 50_000

    let system: BenchSystem

    func measure(into report: inout Report) async throws {
        try await system.waitUntilApplied()
        let startMs = UTCTime.nowMs()
        for start in stride(from: 0, to: Self.eventCount, by: 1000) {
            let entries = (start..<start + 1000).compactMap { event in
                UserID("\((event * 7) % BenchSystem.userCount)").map { user in
                    (
                        user: user,
                        fields: [
                            (name: EventField.user, value: user.text),
                            (name: EventField.item, value: "\(100_000 + (event * 31) % BenchSystem.itemCount)"),
                        ]
                    )
                }
            }
            for result in await system.stores.events.append(entries) { _ = try result.get() }
        }
        try await system.waitUntilApplied()
        let elapsedMs = max(1, UTCTime.nowMs() - startMs)
        report.note("backlog written and applied, events/s", "\(Int64(Self.eventCount) * 1000 / elapsedMs)")
    }
}
