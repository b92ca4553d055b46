// The smoke test's own judgement: it must see every way of breaking the promise.

import FoundationEssentials
import Testing

@testable import Workload

@Suite struct SmokePromiseTests {
    /// Online a, b, c; offline b, d, e, f; then popular.
    private static let promise = SmokePromise(
        count: 8, online: ["a", "b", "c"], offline: ["b", "d", "e", "f"], wantsOnline: true, wantsOffline: true,
        after: "5-0")
    private static let kept = [
        ("a", "online"), ("b", "offline"), ("c", "online"), ("d", "offline"), ("e", "offline"), ("f", "offline"),
        ("p", "popular"), ("q", "popular"),
    ]

    private func answer(
        _ places: [(String, String)] = kept, servedBy: String = "full", asOf: String = "5-0", isStale: Bool = false,
        touched: String = "t", firstPlace: Int = 1
    ) throws -> SmokeAnswer {
        let rows = places.enumerated().map { index, place in
            #"{"item_id":"\#(place.0)","place":\#(index + firstPlace),"source":"\#(place.1)","cause":null}"#
        }
        let text =
            #"{"generation":1,"served_by":"\#(servedBy)","online_as_of":"\#(asOf)","stale":\#(isStale),"#
            + #""recommendations":[\#(rows.joined(separator: ","))],"touched":[{"item_id":"\#(touched)","event":"view"}]}"#
        return try JSONDecoder().decode(SmokeAnswer.self, from: Data(text.utf8))
    }

    /// The answer with one place replaced.
    private func replaced(_ index: Int, _ item: String, _ source: String) throws -> SmokeAnswer {
        var places = Self.kept
        places[index] = (item, source)
        return try answer(places)
    }

    @Test func `an answer as promised has no faults`() throws {
        #expect(Self.promise.faults(of: try answer()) == [])
    }

    @Test func `every breach is seen`() throws {
        func expect(_ fault: String, _ answer: SmokeAnswer, _ promise: SmokePromise = SmokePromiseTests.promise) {
            let faults = promise.faults(of: answer)
            #expect(faults.contains { $0.contains(fault) }, "\(faults)")
        }
        expect("7 places instead of 8", try answer(Self.kept.dropLast()))
        expect("names an item twice", try replaced(7, "p", "popular"))
        expect("q, which was just touched", try answer(touched: "q"))
        expect("is served by offline", try answer(servedBy: "offline"))
        expect("does not show the event", try answer(isStale: true))
        expect("as of 4-0, not of 5-0", try answer(asOf: "4-0"))
        expect("numbers its places wrongly", try answer(firstPlace: 2))
        // The zip of both lists that drops duplicates afterwards: a, b, b, d, c, e puts an offline item on place 3.
        expect(
            "place 3 has the offline item d where the online item c is due",
            try answer([("a", "online"), ("b", "offline"), ("d", "offline"), ("c", "online")] + Self.kept[4...]))
        expect("place 5 has the popular item x where the offline item e is due", try replaced(4, "x", "popular"))
        expect("place 7 has the online item x although both lists have run out", try replaced(6, "x", "online"))
        var excluding = Self.promise
        excluding.excluded = ["d"]
        expect("names d, which was excluded", try answer(), excluding)
        expect("where the offline item e is due", try answer(), excluding)
        let none = SmokePromise(count: 8, online: [], offline: [], wantsOnline: false, wantsOffline: false)
        expect("has online items", try answer(), none)
        expect("has offline items", try answer(), none)
        expect("has no online items", try answer([("x", "popular")]))
    }
}
