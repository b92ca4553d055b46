// Most words of a list are read by a shorter way than the others; nobody must see which.

import Models
import Testing

@Suite struct `A list's reader` {
    @Test func `reads a score in a list as it reads it alone`() throws {
        for units in stride(from: 0, through: 2_000_000, by: 37) {
            var bytes: [UInt8] = []
            ScoreText.append(Float(units) / 10_000, to: &bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            let alone = ScoreText.read(bytes.span)
            #expect(ItemListText.read("i:\(text)").map(\.score) == [alone], "\(text)")
        }
    }

    @Test(arguments: ["0.1234567890123", "-0.5", "123456789", "1.", ".5", "0000000000.25"])
    func `reads unusual scores as it reads them alone`(text: String) {
        #expect(ItemListText.read("i:\(text) j:1").first?.score == ScoreText.read(Array(text.utf8).span))
    }

    @Test func `finds every item, however long it is and whatever it holds`() throws {
        let names = ["a", "12345678", "123456789", "1234567890123456", "12345678901234567", "a:b", "::", "x:1"]
        let items = try (names + [String(repeating: "k", count: 64)]).map { try #require(ItemID($0)) }
        let list = items.enumerated().map { ScoredItem(item: $1, score: Float($0) / 4) }
        #expect(ItemListText.read(ItemListText.text(list)) == list)
    }

    @Test(arguments: ["", " ", ":", "a", "a:", ":1", "a:x", "a:1.2.3", "é:1", "a:--1", "a b", "a:1e5"])
    func `passes over a word that is none, and reads on`(word: String) {
        let read = ItemListText.read("\(word) good:0.5")
        #expect(read.map(\.item.text) == ["good"])
        #expect(read.map(\.score) == [0.5])
    }
}

@Suite struct `The head of an online field` {
    @Test(arguments: [0, 7, 99_999_999, 100_000_000, 1_700_000_000_000, 999_999_999_999_999_999])
    func `is read whatever its numbers' lengths`(number: Int) throws {
        let value = "\(number) \(number)-\(number % 1000) transaction 42 a:1"
        let item = try #require(ItemID("i"))
        let bytes = Array(value.utf8)
        let read = OnlineEntry(item: item, value: bytes.span)
        let entry = try #require(read)
        #expect(entry.timestampMs == Int64(number))
        #expect(entry.id == StreamID(milliseconds: UInt64(number), sequence: UInt64(number % 1000)))
        #expect(entry.type == "transaction")
        #expect(entry.generation == 42)
        #expect(entry.similar.map(\.item.text) == ["a"])
    }

    @Test(arguments: [
        "", "1", "1 2-0", "1 2-0 view", "1 2-0 view x", "12345678x 2-0 view 1", "1234567: 2-0 view 1", " ",
    ])
    func `is none where a part is missing or no number`(value: String) throws {
        let item = try #require(ItemID("i"))
        let bytes = Array(value.utf8)
        let entry = OnlineEntry(item: item, value: bytes.span)
        #expect(entry == nil)
    }
}
