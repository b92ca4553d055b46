// Which events of an archive have been seen: 64 bits each in one flat table, sixteen to thirty-two bytes an event where
// a set of texts would take a hundred.

import Models

/// A set of 64-bit fingerprints.
struct FingerprintSet {
    /// Open addressing with linear probing; 0 is free.
    private var slots = [UInt64](repeating: 0, count: 1_024)
    private(set) var count = 0

    /// Adds a fingerprint; false if it was there.
    mutating func insert(_ fingerprint: UInt64) -> Bool {
        // 0 marks a free slot, so it shares a place with 1.
        let value = max(fingerprint, 1)
        let slot = slot(of: value)
        guard slots[slot] == 0 else { return false }
        slots[slot] = value
        count += 1
        if count * 2 > slots.count { grow() }
        return true
    }

    private func slot(of value: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) >> 24) & mask
        while slots[slot] != 0, slots[slot] != value { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        var smaller = [UInt64](repeating: 0, count: slots.count * 2)
        swap(&slots, &smaller)
        for value in smaller where value != 0 { slots[slot(of: value)] = value }
    }

    /// The fingerprint of a user's stream id. Among one user's ids it is exact, see below; of different users two fall
    /// together with a chance of three in a million among ten million.
    static func of(_ id: StreamID, user: CSVField) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in user { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return of(id) ^ hash
    }

    /// A stream id's fingerprint: exact until the year 2527 for up to a million entries in one millisecond.
    private static func of(_ id: StreamID) -> UInt64 {
        let isExact = id.milliseconds < 1 << 44 && id.sequence < 1 << 20
        guard !isExact else { return id.milliseconds << 20 | id.sequence }
        return (id.milliseconds &* 0xBF58_476D_1CE4_E5B9) ^ (id.sequence &* 0x94D0_49BB_1331_11EB)
    }

    /// The fingerprint of a producer's event id, which means something only together with its user: FNV-1a (Fowler,
    /// Noll and Vo), 64 bits. Among ten million ids two fall together with a chance of three in a million.
    static func of(eventID: CSVField, user: CSVField) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in user { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // A byte that no identifier contains.
        hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        for byte in eventID { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
