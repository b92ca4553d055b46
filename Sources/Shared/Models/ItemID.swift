// An item's identifier. A request handles some 250 of them: they are read from lists, compared, looked up and written. So
// up to 15 bytes are kept in two words, and only longer ones, which are rare, need memory of their own.

/// An item as the shop names it.
package struct ItemID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The longest identifier that needs no memory of its own, in bytes.
    private static let inlineBytesMax = 15

    /// Bytes 0 to 7, the first in the highest place, zeros behind the last: numbers compare as the bytes do.
    private let head: UInt64
    /// Bytes 8 to 14 in the same way, and the length in the lowest byte.
    private let tail: UInt64
    /// The whole text if it is longer than ``inlineBytesMax``.
    private let long: LongText?

    private final class LongText: Sendable {
        let text: String
        let hash: UInt64

        init(_ bytes: Span<UInt8>) {
            text = unsafe bytes.withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
            // FNV-1a: long identifiers of one shop tend to begin alike.
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
            self.hash = hash
        }
    }

    /// The identifier, or nil if `text` breaks ``IdentifierRule``.
    package init?(_ text: some StringProtocol) {
        self.init(utf8: Array(text.utf8).span)
    }

    /// An identifier out of bytes, or nil if they break ``IdentifierRule``.
    package init?(utf8 bytes: Span<UInt8>) {
        let count = bytes.count
        guard count > 0, count <= IdentifierRule.lengthMaxBytes else { return nil }
        var head: UInt64 = 0
        var tail: UInt64 = 0
        for index in 0..<count {
            let byte = bytes[index]
            guard IdentifierRule.isAllowed(byte) else { return nil }
            if index < 8 {
                head |= UInt64(byte) << UInt64(56 - 8 * index)
            } else if index < Self.inlineBytesMax {
                tail |= UInt64(byte) << UInt64(120 - 8 * index)
            }
        }
        self.head = head
        self.tail = tail | UInt64(count)
        long = count > Self.inlineBytesMax ? LongText(bytes) : nil
    }

    /// The identifier's text.
    package var text: String {
        if let long { return long.text }
        let count = Int(tail & 0xFF)
        return unsafe String(unsafeUninitializedCapacity: count) { buffer in
            for index in 0..<count {
                let byte = index < 8 ? head >> UInt64(56 - 8 * index) : tail >> UInt64(120 - 8 * index)
                unsafe buffer[index] = UInt8(truncatingIfNeeded: byte)
            }
            return count
        }
    }

    /// Appends the text's bytes.
    package func append(to bytes: inout [UInt8]) {
        if let long { return bytes.append(contentsOf: long.text.utf8) }
        for index in 0..<Int(tail & 0xFF) {
            let byte = index < 8 ? head >> UInt64(56 - 8 * index) : tail >> UInt64(120 - 8 * index)
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }

    package var description: String { text }

    /// A hash for tables that live for one request; not seeded, so not for tables that a stranger may fill.
    package var quickHash: UInt64 {
        var words = head ^ (tail &* 0x9E37_79B9_7F4A_7C15)
        if let long { words ^= long.hash }
        // Short identifiers differ in the highest bytes only, and a table looks at the lowest bits: both halves of the
        // product are needed to bring the one to the other.
        let product = words.multipliedFullWidth(by: 0xBF58_476D_1CE4_E5B9)
        return product.high ^ product.low
    }

    package static func == (left: ItemID, right: ItemID) -> Bool {
        left.head == right.head && left.tail == right.tail && left.long?.text == right.long?.text
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(head)
        hasher.combine(tail)
        if let long { hasher.combine(long.text) }
    }

    /// Bytewise order, the order of ties everywhere.
    package static func < (left: ItemID, right: ItemID) -> Bool {
        if left.head != right.head { return left.head < right.head }
        if left.long != nil || right.long != nil, left.tail >> 8 == right.tail >> 8 { return left.text < right.text }
        return left.tail < right.tail
    }
}
