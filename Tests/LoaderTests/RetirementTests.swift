// Which generations go, decided on values alone.

import Stores
import Testing

@testable import Loader

@Suite struct `The retirement of generations` {
    private func info(_ generation: Int, _ state: String = "ready", supersededAtMs: Int64? = nil) -> GenerationInfo {
        var fields = ["state": state]
        if let supersededAtMs { fields["superseded_at_ms"] = String(supersededAtMs) }
        return GenerationInfo(generation: generation, state: state, release: "r", fields: fields)
    }

    private func removed(_ all: [GenerationInfo], active: Int?, previous: [Int], nowMs: Int64 = 100_000) -> [Int] {
        Retirement.due(all, active: active, previous: previous, kept: 2, graceMs: 60_000, nowMs: nowMs)
    }

    @Test func `waits until readers have had time to hear of the switch`() {
        let all = [info(1, supersededAtMs: 50_000), info(2, supersededAtMs: 1), info(3, supersededAtMs: 1), info(4)]
        #expect(removed(all, active: 4, previous: [3, 2]).isEmpty)
        #expect(removed(all, active: 4, previous: [3, 2], nowMs: 110_000) == [1])
    }

    @Test func `keeps a generation that was rolled back from, to go forward again`() {
        let all = [info(1, supersededAtMs: 1), info(2), info(3, supersededAtMs: 1)]
        #expect(removed(all, active: 2, previous: [1]).isEmpty)
    }

    @Test func `takes what is half loaded or half removed at once`() {
        let all = [info(1, "retiring"), info(2), info(3, "loading"), info(4, "")]
        #expect(removed(all, active: 2, previous: []) == [1, 3, 4])
    }

    @Test func `never takes the live one`() {
        #expect(removed([info(1, "retiring")], active: 1, previous: []).isEmpty)
    }
}
