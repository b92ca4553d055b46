// Everything that is written as text and read back: scores, lists, online fields, stream ids.

import Models
import Testing

@Suite struct `Text forms` {
    @Test(arguments: [0, 1, 0.5, 0.0001, 0.8123, 12, 123.45, 99999, -0.25] as [Float])
    func `a score is read back as it was written`(score: Float) {
        var bytes: [UInt8] = []
        ScoreText.append(score, to: &bytes)
        #expect(ScoreText.read(bytes.span) == score)
        #expect(ScoreText.rounded(score) == score)
    }

    @Test func `a score keeps four decimals and no trailing zeros`() {
        func text(_ score: Float) -> String {
            var bytes: [UInt8] = []
            ScoreText.append(score, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(text(0.123456) == "0.1235")
        #expect(text(0.5) == "0.5")
        #expect(text(10) == "10")
        #expect(text(.nan) == "0")
        #expect(text(.infinity) == "0")
        #expect(text(-0.5) == "-0.5")
    }

    @Test(arguments: ["", ".", "-", "1e5", "1.2.3", "--1", "1-", "abc", " 1"])
    func `what is no number is no score`(text: String) {
        #expect(ScoreText.read(Array(text.utf8).span) == nil)
    }

    @Test func `a list survives items with colons, and a damaged word costs only itself`() throws {
        let list = [
            ScoredItem(item: try #require(ItemID("sku:1:2")), score: 0.5),
            ScoredItem(item: try #require(ItemID("9")), score: 0.25),
        ]
        #expect(ItemListText.text(list) == "sku:1:2:0.5 9:0.25")
        #expect(ItemListText.read("sku:1:2:0.5 9:0.25") == list)
        #expect(ItemListText.read("sku:1:2:0.5 broken :1 x: {:2 9:0.25 ") == list)
        #expect(ItemListText.read("").isEmpty)
    }

    @Test func `an online field reads like an explanation`() throws {
        let item = try #require(ItemID("7"))
        func read(_ text: String) -> OnlineEntry? { OnlineEntry(item: item, value: Array(text.utf8).span) }
        let value = "1700000000123 1700000000200-0 addtocart 3 8:0.9 9:0.5"
        let entry = try #require(read(value))
        #expect(entry.timestampMs == 1_700_000_000_123)
        #expect(entry.id == StreamID("1700000000200-0"))
        #expect(entry.type == "addtocart")
        #expect(entry.generation == 3)
        #expect(entry.similar.map(\.item.text) == ["8", "9"])
        #expect(entry.head + ItemListText.text(entry.similar) == value)
        #expect(read("1700000000123 1700000000200-0 view 3")?.similar == [])
        #expect(read("1700000000123 1700000000200-0 view 3 ")?.similar == [])
        for broken in ["", "rubbish", "1 2-0", "1 2-0 view", "1 2-0 view x", "x 2-0 view 1"] {
            #expect(read(broken) == nil, "\(broken)")
        }
    }

    @Test func `stream ids are ordered as Redis orders them`() {
        #expect(StreamID("5") == StreamID(milliseconds: 5, sequence: 0))
        #expect(StreamID("10-2") == StreamID(milliseconds: 10, sequence: 2))
        #expect(StreamID(milliseconds: 9, sequence: 9) < StreamID(milliseconds: 10, sequence: 0))
        for text in ["", "-", "a", "1-", "-1", "+1", "1-2-3", "1.5", "99999999999999999999"] {
            #expect(StreamID(text) == nil, "\(text)")
        }
    }
}
