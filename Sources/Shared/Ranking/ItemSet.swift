// The items that an answer has used up. It lives for one request and is asked some 250 times, so it is a plain table with
// open addressing instead of a Set, whose seeded hashing would cost more than all the rest of the blend.

import Models

/// A set of items that only grows.
struct ItemSet {
    /// One more than the index into `members`; zero is an empty place.
    private var places: [UInt32]
    private var members: [ItemID] = []
    private let mask: Int

    /// A set for about `count` items; it is correct for more, and slower.
    init(count: Int) {
        var size = 64
        while size < count * 2 { size *= 2 }
        places = [UInt32](repeating: 0, count: size)
        mask = size - 1
        members.reserveCapacity(count)
    }

    /// Adds an item; false if it was there.
    mutating func insert(_ item: ItemID) -> Bool {
        if members.count * 4 > places.count * 3 { grow() }
        var place = Int(truncatingIfNeeded: item.quickHash) & mask
        while places[place] != 0 {
            if members[Int(places[place]) - 1] == item { return false }
            place = (place + 1) & mask
        }
        members.append(item)
        places[place] = UInt32(members.count)
        return true
    }

    private mutating func grow() {
        var larger = ItemSet(count: places.count)
        for item in members { _ = larger.insert(item) }
        self = larger
    }
}
