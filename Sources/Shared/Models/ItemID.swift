// An item's identifier. A request handles some 250 of them: they are read from lists, compared, looked up and written. So
// the whole text is kept in the value itself, in words that compare as the bytes do: nothing is allocated, retained or
// released for an item, and arrays of items are let go without being looked at.

/// An item as the shop names it.
package struct ItemID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Bytes 0 to 7, the first in the highest place, zeros behind the last. No byte of an identifier is zero, so the
    /// length need not be kept.
    private let first: UInt64
    /// Bytes 8 to 15 in the same way.
    private let second: UInt64
    /// Bytes 16 to 63, zero for nearly every shop's items.
    private let rest: Rest

    private typealias Rest = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    private static let noRest: Rest = (0, 0, 0, 0, 0, 0)

    /// The identifier, or nil if `text` breaks ``IdentifierRule``.
    package init?(_ text: some StringProtocol) {
        self.init(utf8: Array(text.utf8).span)
    }

    /// An identifier out of bytes, or nil if they break ``IdentifierRule``.
    package init?(utf8 bytes: Span<UInt8>) {
        let count = bytes.count
        guard count > 0, count <= IdentifierRule.lengthMaxBytes else { return nil }
        for index in 0..<count where !IdentifierRule.isAllowed(bytes[index]) { return nil }
        func word(_ start: Int) -> UInt64 {
            var word: UInt64 = 0
            var shift = 56
            for index in start..<max(start, min(start + 8, count)) {
                word |= UInt64(bytes[index]) << UInt64(shift)
                shift -= 8
            }
            return word
        }
        first = word(0)
        second = word(8)
        rest = count > 16 ? (word(16), word(24), word(32), word(40), word(48), word(56)) : Self.noRest
    }

    /// An identifier of at most 16 bytes that have been checked already, in the form that is kept.
    init(short first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
        rest = Self.noRest
    }

    /// How many bytes the text has.
    package var count: Int {
        if second == 0 { return 8 - first.trailingZeroBitCount / 8 }
        if rest.0 == 0 { return 16 - second.trailingZeroBitCount / 8 }
        var count = 16
        for word in [rest.0, rest.1, rest.2, rest.3, rest.4, rest.5] where word != 0 {
            count += 8 - word.trailingZeroBitCount / 8
        }
        return count
    }

    /// The identifier's text.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text's bytes.
    package func append(to bytes: inout [UInt8]) {
        for word in [first, second, rest.0, rest.1, rest.2, rest.3, rest.4, rest.5] {
            var remaining = word
            while remaining != 0 {
                bytes.append(UInt8(truncatingIfNeeded: remaining >> 56))
                remaining <<= 8
            }
        }
    }

    /// Writes the text's bytes to memory that has room for 64 of them and answers how many they are; what lies behind
    /// them there is overwritten.
    package func write(to memory: UnsafeMutableRawPointer) -> Int {
        unsafe memory.storeBytes(of: first.bigEndian, as: UInt64.self)
        unsafe memory.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
        if rest.0 != 0 { unsafe writeRest(to: memory) }
        return count
    }

    private func writeRest(to memory: UnsafeMutableRawPointer) {
        var offset = 16
        for word in [rest.0, rest.1, rest.2, rest.3, rest.4, rest.5] {
            unsafe memory.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
    }

    package var description: String { text }

    /// A hash for tables that live for one request; not seeded, so not for tables that a stranger may fill.
    package var quickHash: UInt64 {
        var words = first ^ (second &* 0x9E37_79B9_7F4A_7C15)
        if rest.0 != 0 {
            for word in [rest.0, rest.1, rest.2, rest.3, rest.4, rest.5] {
                words = (words ^ (words >> 29) ^ word) &* 0x9E37_79B9_7F4A_7C15
            }
        }
        // Short identifiers differ in the highest bytes only, and a table looks at the lowest bits: both halves of the
        // product are needed to bring the one to the other.
        let product = words.multipliedFullWidth(by: 0xBF58_476D_1CE4_E5B9)
        return product.high ^ product.low
    }

    package static func == (left: ItemID, right: ItemID) -> Bool {
        left.first == right.first && left.second == right.second && left.rest == right.rest
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(first)
        hasher.combine(second)
        guard rest.0 != 0 else { return }
        for word in [rest.0, rest.1, rest.2, rest.3, rest.4, rest.5] { hasher.combine(word) }
    }

    /// Bytewise order, the order of ties everywhere.
    package static func < (left: ItemID, right: ItemID) -> Bool {
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        return left.rest < right.rest
    }
}
