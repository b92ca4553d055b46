// The items that an answer has used up. It lives for one request and is asked some 250 times, so it is a plain table with
// open addressing instead of a Set, whose seeded hashing would cost more than all the rest of the blend.

import Models

/// A set of items that only grows.
struct ItemSet {
    /// The upper half of an item's hash, and one more than its index in `members`; zero is an empty place. The hash is
    /// there so that an item is only looked at if it is very likely the same.
    private var places: [UInt64]
    private var members: [ItemID] = []
    private let mask: Int

    private static let indexMask: UInt64 = 0xFFFF_FFFF

    /// A set for about `count` items; it is correct for more, and slower.
    init(count: Int) {
        var size = 64
        while size < count * 2 { size *= 2 }
        places = [UInt64](repeating: 0, count: size)
        mask = size - 1
        members.reserveCapacity(count)
    }

    /// Adds an item; false if it was there.
    mutating func insert(_ item: ItemID) -> Bool {
        if members.count * 4 > places.count * 3 { grow() }
        let hash = item.quickHash
        let tag = hash & ~Self.indexMask
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0 {
            if places[place] & ~Self.indexMask == tag,
                members[Int(places[place] & Self.indexMask) - 1] == item
            {
                return false
            }
            place = (place + 1) & mask
        }
        members.append(item)
        places[place] = tag | UInt64(members.count)
        return true
    }

    private mutating func grow() {
        var larger = ItemSet(count: places.count)
        for item in members { _ = larger.insert(item) }
        self = larger
    }
}
