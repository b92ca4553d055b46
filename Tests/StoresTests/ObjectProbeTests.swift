// What the doctor learns from one small object: that it can be written, and what time it is there.

import Fixtures
import ObjectStore
import Stores
import Telemetry
import Testing

@Suite struct ObjectProbeTests {
    @Test(
        arguments: [(-600_000, 590_000...600_000), (600_000, -600_000 ... -590_000), (0, -1000...1000)]
            as [(Int64, ClosedRange<Int64>)])
    func `a clock that differs from ours is seen, and nothing is left behind`(
        ourShiftMs: Int64, aheadMs: ClosedRange<Int64>
    ) async throws {
        try await withDirectory { objects, _ in
            let probe = try await ObjectProbe.run(objects, token: "t") { UTCTime.nowMs() + ourShiftMs }
            #expect(aheadMs.contains(probe.clockAheadMs), "\(probe)")
            #expect(probe.writeMs >= 0)
            #expect(try await objects.listWhole(prefix: "", countMax: 10).isEmpty)
        }
    }
}
