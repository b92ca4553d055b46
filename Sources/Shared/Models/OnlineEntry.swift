// One field of a user's online hash: an item that the user touched, and the similar items that follow from it.
// The value reads `<ts> <stream id> <event> <generation> <item>:<score> …`; redis/functions/online.lua compares its first two words.

/// What one touched item contributes to a user's online recommendations.
package struct OnlineEntry: Hashable, Sendable {
    /// The touched item, the hash's field name.
    package let item: ItemID
    /// When it was touched, Unix ms.
    package let timestampMs: Int64
    /// The stream entry that said so.
    package let id: StreamID
    /// The event's type.
    package let type: String
    /// The generation that `similar` comes from.
    package let generation: Int
    /// Items similar to it, best first; empty if the generation knows none.
    package let similar: [ScoredItem]

    package init(item: ItemID, timestampMs: Int64, id: StreamID, type: String, generation: Int, similar: [ScoredItem]) {
        self.item = item
        self.timestampMs = timestampMs
        self.id = id
        self.type = type
        self.generation = generation
        self.similar = similar
    }

    /// Reads a field; nil if the value is not of this form.
    /// - Parameter readsSimilar: False leaves the list out, which is most of the work, where only the touch matters.
    package init?(item: ItemID, value: Span<UInt8>, readsSimilar: Bool = true) {
        var next = 0
        guard let timestampMs = Words.number(value, &next),
            let milliseconds = Words.number(value, &next, before: UInt8(ascii: "-")),
            let sequence = Words.number(value, &next), let type = Words.text(value, &next),
            let generation = Words.number(value, &next)
        else { return nil }
        var similar: [ScoredItem] = []
        if readsSimilar, next < value.count {
            similar.reserveCapacity(16)
            ItemListText.read(value.extracting(next..<value.count), into: &similar)
        }
        self.init(
            item: item, timestampMs: Int64(timestampMs),
            id: StreamID(milliseconds: UInt64(milliseconds), sequence: UInt64(sequence)), type: type,
            generation: generation, similar: similar)
    }

    /// The head of a field's value, to which the text of a list is appended.
    package var head: String { "\(timestampMs) \(id) \(type) \(generation) " }

    /// The same touch with another generation's similar items.
    package func rederived(generation: Int, similar: [ScoredItem]) -> OnlineEntry {
        OnlineEntry(item: item, timestampMs: timestampMs, id: id, type: type, generation: generation, similar: similar)
    }

    /// The same touch with the similar items that its field's value lists, for one that was read without them.
    package func reading(similarOf value: Span<UInt8>) -> OnlineEntry {
        var next = 0
        for _ in 0..<Words.beforeSimilar { Words.skip(value, &next) }
        var similar: [ScoredItem] = []
        similar.reserveCapacity(16)
        ItemListText.read(value.extracting(next..<value.count), into: &similar)
        return rederived(generation: generation, similar: similar)
    }

    /// Whether this touch came later than another, in the order that decides which fields stay.
    package func isNewer(than other: OnlineEntry) -> Bool { (timestampMs, id) > (other.timestampMs, other.id) }
}

/// Reads words one after the other, without making strings of those that are numbers. `next` is where the next one begins.
private enum Words {
    /// How many words stand before the list: time, stream id, type, generation.
    static let beforeSimilar = 4

    /// Passes over a word and the space behind it.
    static func skip(_ bytes: Span<UInt8>, _ next: inout Int) {
        while next < bytes.count, bytes[next] != UInt8(ascii: " ") { next += 1 }
        next = min(next + 1, bytes.count)
    }

    /// A number of up to 18 digits that ends before `separator` or at the end; nil for anything else.
    static func number(
        _ bytes: Span<UInt8>, _ next: inout Int, before separator: UInt8 = UInt8(ascii: " ")
    ) -> Int? {
        let start = next
        var value = 0
        while next < bytes.count, bytes[next] != separator {
            let digit = bytes[next] &- UInt8(ascii: "0")
            guard digit < 10, next - start < 18 else { return nil }
            value = value &* 10 &+ Int(digit)
            next += 1
        }
        guard next > start else { return nil }
        next = min(next + 1, bytes.count)
        return value
    }

    /// Nearly every event is a view, and making a string of bytes costs more than reading the numbers beside it.
    private static func isView(_ word: Span<UInt8>) -> Bool {
        word.count == 4 && word[0] == UInt8(ascii: "v") && word[1] == UInt8(ascii: "i") && word[2] == UInt8(ascii: "e")
            && word[3] == UInt8(ascii: "w")
    }

    /// The text up to the next space; nil if it is empty.
    static func text(_ bytes: Span<UInt8>, _ next: inout Int) -> String? {
        let start = next
        while next < bytes.count, bytes[next] != UInt8(ascii: " ") { next += 1 }
        guard next > start else { return nil }
        let word = bytes.extracting(start..<next)
        next = min(next + 1, bytes.count)
        if isView(word) { return EventTypes.view }
        return unsafe word.withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
    }
}
