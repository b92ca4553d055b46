// Identifiers as numbers. A log names the same users and items millions of times; here each name is kept once, in one
// block of bytes, and everything else works with its index.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A set of identifiers, numbered from 0.
package struct IdentifierTable: Sendable {
    private var bytes: [UInt8] = []
    /// Where each identifier ends in `bytes`; it starts where the one before it ends.
    private var ends: [Int] = []
    /// Open addressing with linear probing. A slot holds an identifier's hash above its index plus one; 0 is free.
    private var slots: [UInt64]

    init() { slots = [UInt64](repeating: 0, count: 1_024) }

    /// How many there are.
    package var count: Int { ends.count }

    /// The bytes of an identifier.
    package func utf8(at index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

    /// The text of an identifier.
    package func text(at index: Int) -> String { String(decoding: utf8(at: index), as: UTF8.self) }

    /// The index of an identifier; nil if it is not there.
    package func index(of text: String) -> Int? {
        let name = Array(text.utf8)
        return name.withUnsafeBufferPointer { name in
            let entry = slots[slot(of: name, hash: Self.hash(name))]
            return entry == 0 ? nil : Int(UInt32(truncatingIfNeeded: entry)) - 1
        }
    }

    /// The index of an identifier, which is added if it is new.
    mutating func intern(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let hash = Self.hash(name)
        let slot = slot(of: name, hash: hash)
        let entry = slots[slot]
        if entry != 0 { return UInt32(truncatingIfNeeded: entry) - 1 }
        let index = UInt32(ends.count)
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
        slots[slot] = UInt64(hash) << 32 | UInt64(index + 1)
        if ends.count * 2 > slots.count { grow() }
        return index
    }

    /// The same identifiers in bytewise order, so that comparing indexes compares names; and each one's new index by
    /// its old.
    func sorted() -> (table: IdentifierTable, newIndexes: [UInt32]) {
        let order = (0..<UInt32(count)).sorted { utf8(at: Int($0)).lexicographicallyPrecedes(utf8(at: Int($1))) }
        var table = IdentifierTable()
        var newIndexes = [UInt32](repeating: 0, count: count)
        for old in order {
            newIndexes[Int(old)] = utf8(at: Int(old)).withUnsafeBufferPointer { table.intern($0) }
        }
        return (table, newIndexes)
    }

    /// The slot that holds `name`, or the free one where it belongs. Every row of every log comes by here, so names are
    /// compared as memory.
    private func slot(of name: UnsafeBufferPointer<UInt8>, hash: UInt32) -> Int {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        bytes.withUnsafeBufferPointer { bytes in
            while slots[slot] != 0 {
                let entry = slots[slot]
                if UInt32(truncatingIfNeeded: entry >> 32) == hash {
                    let index = Int(UInt32(truncatingIfNeeded: entry)) - 1
                    let start = index == 0 ? 0 : ends[index - 1]
                    guard ends[index] - start != name.count || !Self.areEqual(bytes, start, name) else { return }
                }
                slot = (slot + 1) & mask
            }
        }
        return slot
    }

    private static func areEqual(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ name: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let base = bytes.baseAddress, let nameBase = name.baseAddress else { return name.isEmpty }
        return memcmp(base + start, nameBase, name.count) == 0
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        let mask = larger.count - 1
        for entry in slots where entry != 0 {
            var slot = Int(entry >> 32) & mask
            while larger[slot] != 0 { slot = (slot + 1) & mask }
            larger[slot] = entry
        }
        slots = larger
    }

    /// FNV-1a with a final mix, since linear probing needs the low bits to depend on every byte.
    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: hash >> 32)
    }
}
