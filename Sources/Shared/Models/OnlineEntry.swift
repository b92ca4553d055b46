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
        var next = 0
        func word() -> String {
            let start = next
            while next < value.count, value[next] != UInt8(ascii: " ") { next += 1 }
            let text = unsafe value.extracting(start..<next).withUnsafeBufferPointer { buffer in
                unsafe String(decoding: buffer, as: UTF8.self)
            }
            next = min(next + 1, value.count)
            return text
        }
        guard let timestampMs = Int64(word()), let id = StreamID(word()) else { return nil }
        let type = word()
        guard !type.isEmpty, let generation = Int(word()) else { return nil }
        var similar: [ScoredItem] = []
        if next < value.count {
            similar.reserveCapacity(16)
            ItemListText.read(value.extracting(next..<value.count), into: &similar)
        }
        self.init(
            item: item, timestampMs: timestampMs, id: id, type: type, generation: generation, similar: similar)
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
