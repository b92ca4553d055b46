// A short fingerprint that makes a release's name say what it was made from. It tells contents apart; it protects
// nothing, the checksums of the manifest do that.

/// FNV-1a over everything added (Fowler, Noll and Vo; IETF draft-eastlake-fnv), 64 bits.
struct ContentDigest: Sendable {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    mutating func add(_ text: String) { add(Array(text.utf8)) }

    /// The upper half in hex: eight digits.
    var shortHex: String {
        let digits = String(state >> 32, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
