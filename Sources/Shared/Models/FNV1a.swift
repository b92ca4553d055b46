// A hash that is the same in every build and language, where nobody's choice of input can do harm.

/// FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923).
package enum FNV1a {
    /// The hash of no bytes.
    package static let offsetBasis: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01B3

    /// The hash of some bytes.
    /// - Parameter start: the hash of the bytes before them.
    package static func hash(_ bytes: some Sequence<UInt8>, from start: UInt64 = offsetBasis) -> UInt64 {
        bytes.reduce(start) { ($0 ^ UInt64($1)) &* prime }
    }
}
