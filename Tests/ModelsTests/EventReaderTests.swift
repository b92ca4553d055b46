// The event schema: defaults, limits, and the field that a refusal names.

import Models
import Testing

@Suite struct `An event is read from fields` {
    private let reader = EventReader(types: .standard)
    private func read(_ fields: [String: String]) throws(EventError) -> Event { try reader.read { fields[$0] } }

    @Test func `with defaults for all that is optional`() throws {
        let event = try read(["user_id": "42", "item_id": "a.b:c@d-e_f", "colour": "red"])
        #expect(event == Event(user: try #require(UserID("42")), item: try #require(ItemID("a.b:c@d-e_f"))))
    }

    @Test func `with all that is given`() throws {
        let event = try read([
            "user_id": "42", "item_id": "7", "event": "addtocart", "ts": "1700000000123", "event_id": "e/1", "v": "1",
        ])
        #expect(event.type == "addtocart")
        #expect(event.timestampMs == 1_700_000_000_123)
        #expect(event.eventID == "e/1")
    }

    static let broken: [([String: String], String)] = [
        (["item_id": "7"], "user_id"),
        (["user_id": "42"], "item_id"),
        (["user_id": "", "item_id": "7"], "user_id"),
        (["user_id": String(repeating: "u", count: 65), "item_id": "7"], "user_id"),
        (["user_id": "4 2", "item_id": "7"], "user_id"),
        (["user_id": "42", "item_id": "{7}"], "item_id"),
        (["user_id": "42", "item_id": "Ж"], "item_id"),
        (["user_id": "42", "item_id": "7", "event": "stare"], "event"),
        (["user_id": "42", "item_id": "7", "ts": "yesterday"], "ts"),
        (["user_id": "42", "item_id": "7", "ts": "1700000000"], "ts"),
        (["user_id": "42", "item_id": "7", "ts": "-1"], "ts"),
        (["user_id": "42", "item_id": "7", "ts": "1700000000000000000"], "ts"),
        (["user_id": "42", "item_id": "7", "event_id": ""], "event_id"),
        (["user_id": "42", "item_id": "7", "event_id": "a b"], "event_id"),
        (["user_id": "42", "item_id": "7", "v": "2"], "v"),
        (["user_id": "42", "item_id": "7", "v": "one"], "v"),
    ]

    @Test(arguments: broken)
    func `or refused with the field at fault`(fields: [String: String], field: String) {
        let error = #expect(throws: EventError.self) { try read(fields) }
        #expect(error?.field == field)
    }

    @Test func `and a clock that runs ahead is pulled back to the stream's`() throws {
        let arrived = StreamID(milliseconds: 1_700_000_000_000, sequence: 3)
        let user = try #require(UserID("42"))
        let item = try #require(ItemID("7"))
        func streamed(aheadMs: Int64?) -> StreamedEvent {
            StreamedEvent(
                id: arrived, event: Event(user: user, item: item, timestampMs: aheadMs.map { 1_700_000_000_000 + $0 }))
        }
        #expect(streamed(aheadMs: nil).effectiveMs == 1_700_000_000_000)
        #expect(streamed(aheadMs: -5).effectiveMs == 1_699_999_999_995)
        #expect(!streamed(aheadMs: 300_000).isClamped)
        #expect(streamed(aheadMs: 300_001).isClamped)
        #expect(streamed(aheadMs: 300_001).effectiveMs == 1_700_000_000_000)
    }
}
