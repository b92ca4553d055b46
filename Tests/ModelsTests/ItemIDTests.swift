// Short identifiers are kept in two words, long ones in memory of their own; nobody must see the difference.

import Models
import Testing

@Suite struct `An item identifier` {
    /// Lengths around every border of the inner form, and names that differ in one byte only.
    static let texts: [String] = [1, 2, 7, 8, 9, 14, 15, 16, 17, 63, 64].flatMap { length in
        let stem = String(repeating: "k", count: length - 1)
        return ["a", "z", "0", "-", ":", "@", "_", "."].map { stem + $0 }
    }

    @Test(arguments: texts)
    func `is the text that it was made from`(text: String) throws {
        let item = try #require(ItemID(text))
        #expect(item.text == text)
        #expect(ItemID(utf8: Array(text.utf8).span) == item)
        var bytes: [UInt8] = []
        item.append(to: &bytes)
        #expect(bytes == Array(text.utf8))
    }

    @Test func `is equal, ordered and hashed as its text is`() throws {
        let items = try Self.texts.map { try #require(ItemID($0)) }
        for (left, leftText) in zip(items, Self.texts) {
            for (right, rightText) in zip(items, Self.texts) {
                #expect((left == right) == (leftText == rightText), "\(leftText) \(rightText)")
                #expect(
                    (left < right) == (leftText.utf8.lexicographicallyPrecedes(rightText.utf8)),
                    "\(leftText) \(rightText)")
            }
        }
        #expect(Set(items).count == Set(Self.texts).count)
        #expect(Set(items.map(\.quickHash)).count == items.count)
    }

    @Test(arguments: [1, 3, 6, 9, 14, 20])
    func `has a quick hash that spreads in its lowest bits, whatever the numbers look like`(digits: Int) throws {
        // Consecutive numbers of one length: what a shop's identifiers are, and what a weak hash puts into one place.
        let first = digits == 1 ? 0 : Int(String(repeating: "1", count: min(digits, 9))) ?? 0
        let prefix = String(repeating: "7", count: max(0, digits - 9))
        let count = digits == 1 ? 10 : 256
        let items = try (first..<first + count).map { try #require(ItemID(prefix + String($0))) }
        let places = Set(items.map { $0.quickHash & 0x3FF })
        #expect(places.count * 10 >= count * 7, "\(places.count) places for \(count) items")
    }

    @Test func `accepts its alphabet and nothing else`() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:@-".utf8)
        for byte in UInt8.min ... .max {
            #expect((ItemID(utf8: [byte].span) != nil) == alphabet.contains(byte), "byte \(byte)")
        }
        #expect(ItemID("") == nil)
        #expect(ItemID(String(repeating: "k", count: 65)) == nil)
    }
}
