// Eight bytes of a list looked at together. Lists are read on every request, some 150 items of them, and byte by byte
// that is a third of the time that the answer itself takes.

/// Eight bytes in one number, the first in the lowest place.
enum ByteWord {
    /// The eight bytes at `offset`, which must lie within `bytes`.
    @inline(__always)
    static func load(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset + 8 <= bytes.count)
        return unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    }

    /// A byte in every place.
    @inline(__always)
    static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// How many bytes stand before the first that equals `byte`; 8 if none does. Mycroft's test for a zero byte, which
    /// may be wrong only about bytes behind a true one.
    @inline(__always)
    static func position(of byte: UInt8, in word: UInt64) -> Int {
        let differences = word ^ repeating(byte)
        let zeros = (differences &- repeating(0x01)) & ~differences & repeating(0x80)
        return zeros.trailingZeroBitCount / 8
    }

    /// Ones in the lowest `count` bytes, at most 7 of them.
    @inline(__always)
    static func lowBytes(_ count: Int) -> UInt64 { (1 << UInt64(8 * count)) &- 1 }

    /// The number that eight digits make; nil if one of the bytes is no digit. Neighbours are joined three times over: to
    /// two digits, to four, to eight.
    @inline(__always)
    static func number(_ word: UInt64) -> Int? {
        let values = word ^ repeating(0x30)
        guard (values | (values &+ repeating(0x06))) & repeating(0xF0) == 0 else { return nil }
        let twos = (values &* (10 << 8 | 1)) >> 8 & 0x00FF_00FF_00FF_00FF
        let fours = (twos &* (100 << 16 | 1)) >> 16 & 0x0000_FFFF_0000_FFFF
        return Int((fours &* (10_000 << 32 | 1)) >> 32)
    }

    /// Whether the lowest `count` bytes may stand in an identifier; those above them must be zero.
    @inline(__always)
    static func areAllowed(_ word: UInt64, count: Int) -> Bool {
        let digits = repeating(0x30) & (count == 8 ? .max : lowBytes(count))
        let values = word ^ digits
        // Digits have become 0...9; whatever else there is has a bit in its upper half, or gets one.
        if (values | (values &+ repeating(0x06))) & repeating(0xF0) == 0 { return true }
        var rest = word
        for _ in 0..<count {
            guard IdentifierRule.isAllowed(UInt8(truncatingIfNeeded: rest)) else { return false }
            rest >>= 8
        }
        return true
    }
}
