// Names and texts as MLflow takes them.

import Testing

@testable import Tracking

@Suite struct TextTests {
    @Test func `names get fit, long texts are cut, and what is no number is left out`() {
        let record = TrackingRecord(
            run: "t1", status: .finished, startedAtMs: 1, endedAtMs: 2, tags: ["a:b": "x"],
            parameters: ["weight.a@b": String(repeating: "x", count: 7000)],
            metrics: [
                .init("c:d e/f", 1, atMs: 2), .init("nan", .nan, atMs: 2), .init("much", .infinity, atMs: 2),
            ], files: [], model: nil)
        #expect(record.tags == ["a_b": "x"])
        #expect(record.parameters.keys.sorted() == ["weight.a_b"])
        #expect(record.parameters.values.map(\.utf8.count) == [6000])
        #expect(record.metrics.map(\.key) == ["c_d e/f"])
    }
}
