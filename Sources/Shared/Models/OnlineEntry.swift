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
    package init?(item: ItemID, value: Span<UInt8>) {
        guard let head = Head(value) else { return nil }
        self.init(item: item, head: head, value: value, readsSimilar: true)
    }

    /// Reads the rest of a field whose head has been read.
    /// - Parameter readsSimilar: False leaves the list out, which is most of the work, where only the touch matters.
    package init(item: ItemID, head: Head, value: Span<UInt8>, readsSimilar: Bool) {
        var similar: [ScoredItem] = []
        if readsSimilar, head.end < value.count {
            similar.reserveCapacity(16)
            ItemListText.read(value.extracting(head.end..<value.count), into: &similar)
        }
        self.init(
            item: item, timestampMs: head.timestampMs, id: head.id,
            type: Words.text(value.extracting(head.type)), generation: head.generation, similar: similar)
    }

    /// What stands before the list, without anything that would have to be allocated: fields are put in order by it.
    package struct Head: Sendable {
        /// When the item was touched, Unix ms.
        package let timestampMs: Int64
        /// The stream entry that said so.
        package let id: StreamID
        /// Where the event's type stands in the value.
        fileprivate let type: Range<Int>
        fileprivate let generation: Int
        /// Where the list begins.
        fileprivate let end: Int

        /// Reads the head of a field's value; nil if it is not of this form.
        package init?(_ value: Span<UInt8>) {
            var next = 0
            guard let timestampMs = Words.number(value, &next),
                let milliseconds = Words.number(value, &next, before: UInt8(ascii: "-")),
                let sequence = Words.number(value, &next), let type = Words.word(value, &next),
                let generation = Words.number(value, &next)
            else { return nil }
            self.timestampMs = Int64(timestampMs)
            id = StreamID(milliseconds: UInt64(milliseconds), sequence: UInt64(sequence))
            self.type = type
            self.generation = generation
            end = next
        }

        /// Whether this touch came later than another, in the order that decides which fields stay.
        package func isNewer(than other: Head) -> Bool { (timestampMs, id) > (other.timestampMs, other.id) }
    }

    /// The head of a field's value, to which the text of a list is appended.
    package var head: String { "\(timestampMs) \(id) \(type) \(generation) " }

    /// The same touch with another generation's similar items.
    package func rederived(generation: Int, similar: [ScoredItem]) -> OnlineEntry {
        OnlineEntry(item: item, timestampMs: timestampMs, id: id, type: type, generation: generation, similar: similar)
    }

    /// Whether this touch came later than another, in the order that decides which fields stay.
    package func isNewer(than other: OnlineEntry) -> Bool { (timestampMs, id) > (other.timestampMs, other.id) }
}

/// Reads words one after the other, without making strings of those that are numbers. `next` is where the next one begins.
private enum Words {
    /// A number of up to 18 digits that ends before `separator` or at the end; nil for anything else.
    static func number(
        _ bytes: Span<UInt8>, _ next: inout Int, before separator: UInt8 = UInt8(ascii: " ")
    ) -> Int? {
        let start = next
        var value = 0
        if next + 8 <= bytes.count, let leading = ByteWord.number(ByteWord.load(bytes, at: next)) {
            // A time has thirteen digits.
            value = leading
            next += 8
        }
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

    /// Where the text up to the next space stands; nil if it is empty.
    static func word(_ bytes: Span<UInt8>, _ next: inout Int) -> Range<Int>? {
        let start = next
        while next < bytes.count, bytes[next] != UInt8(ascii: " ") { next += 1 }
        guard next > start else { return nil }
        let word = start..<next
        next = min(next + 1, bytes.count)
        return word
    }

    /// A word as text. Nearly every event is a view, and making a string of bytes costs more than reading the numbers
    /// beside it.
    static func text(_ word: Span<UInt8>) -> String {
        if word.count == 4, word[0] == UInt8(ascii: "v"), word[1] == UInt8(ascii: "i"), word[2] == UInt8(ascii: "e"),
            word[3] == UInt8(ascii: "w")
        {
            return EventTypes.view
        }
        return unsafe word.withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
    }
}
