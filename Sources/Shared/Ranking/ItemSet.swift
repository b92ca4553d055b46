// The set of items that an answer must not hold, or holds already. It lives for one request and is asked some 250 times,
// so it is a plain table with open addressing instead of a Set, whose seeded hashing would cost more than all the rest
// of the blend.

package import Models

/// A set of items that only grows, in the order in which they came.
package struct ItemSet: Sendable, ExpressibleByArrayLiteral {
    /// The items, each once.
    package private(set) var items: [ItemID] = []
    /// The upper half of an item's hash, and one more than its index in `items`; zero is an empty slot. The hash is
    /// there so that an item is only looked at if it is very likely the same.
    private var slots: [UInt64] = []

    private static let indexMask: UInt64 = 0xFFFF_FFFF
    private static let slotsMin = 32

    /// An empty set with room for `capacity` items; it takes more.
    package init(capacity: Int = 0) {
        if capacity > 0 { reserve(capacity) }
    }

    /// The set of some items.
    package init(_ items: some Sequence<ItemID>) {
        self.init(capacity: items.underestimatedCount)
        for item in items { insert(item) }
    }

    package init(arrayLiteral items: ItemID...) { self.init(items) }

    /// How many items there are.
    package var count: Int { items.count }

    /// Whether an item is in the set.
    package func contains(_ item: ItemID) -> Bool {
        guard !slots.isEmpty else { return false }
        let hash = item.quickHash
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if holds(slots[slot], item, hash) { return true }
            slot = (slot + 1) & mask
        }
        return false
    }

    /// Adds an item; false if it was there.
    @discardableResult
    package mutating func insert(_ item: ItemID) -> Bool {
        if items.count * 2 >= slots.count { reserve(max(items.count * 2, 1)) }
        let hash = item.quickHash
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if holds(slots[slot], item, hash) { return false }
            slot = (slot + 1) & mask
        }
        items.append(item)
        slots[slot] = hash & ~Self.indexMask | UInt64(items.count)
        return true
    }

    /// Makes room for `capacity` items in all, so that as many need no further memory.
    package mutating func reserve(_ capacity: Int) {
        var size = Self.slotsMin
        while size < capacity * 2 { size *= 2 }
        guard size > slots.count else { return }
        slots = [UInt64](repeating: 0, count: size)
        items.reserveCapacity(size / 2)
        for (index, item) in items.enumerated() {
            let hash = item.quickHash
            var slot = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = hash & ~Self.indexMask | UInt64(index + 1)
        }
    }

    private func holds(_ entry: UInt64, _ item: ItemID, _ hash: UInt64) -> Bool {
        (entry ^ hash) & ~Self.indexMask == 0 && items[Int(entry & Self.indexMask) - 1] == item
    }
}
