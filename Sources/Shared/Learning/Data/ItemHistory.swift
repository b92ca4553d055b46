// Items as they were known at a time. A feature of a past moment that looked at today's catalogue would know the future;
// this is where it asks instead.

/// Category, availability and one numeric property of every item as of any time. Items and categories are the indexes
/// of the ``ItemCatalogue`` beside it.
package struct ItemHistory: Sendable {
    /// The oldest and the newest statement about any property, Unix ms; nil if there is none.
    package let windowMs: ClosedRange<Int64>?
    /// Statements later than the latest allowed time, which were dropped, and when the first of them was made, Unix ms.
    package let tooLate: LateRows
    let categories: ChangeLists
    let availability: ChangeLists
    let numbers: ChangeLists

    /// The item's category at a time, Unix ms; nil before one was named.
    package func category(of item: Int, atMs: Int64) -> Int? {
        categories.value(of: item, atMs: atMs).map { Int($0) }
    }

    /// Whether the item could be bought at a time, Unix ms; nil before anything was said about it.
    package func availability(of item: Int, atMs: Int64) -> Bool? {
        availability.value(of: item, atMs: atMs).map { $0 == 1 }
    }

    /// Whether the item might have been recommended at a time, Unix ms; one of which nothing was said might.
    package func isAvailable(_ item: Int, atMs: Int64) -> Bool { availability(of: item, atMs: atMs) ?? true }

    /// The numeric property, such as a price, at a time, Unix ms; nil before it was named, or if none is configured.
    package func number(of item: Int, atMs: Int64) -> Float? {
        numbers.value(of: item, atMs: atMs).map { Float(bitPattern: UInt32(bitPattern: $0)) }
    }

    /// How many changes are kept: of categories, of availability, of numbers.
    package var changeCounts: (categories: Int, availability: Int, numbers: Int) {
        (categories.count, availability.count, numbers.count)
    }
}

/// Rows that lie after the present, which only a wrong clock can have written.
package struct LateRows: Hashable, Sendable {
    /// How many.
    package private(set) var count = 0
    /// When the first of them claims to be, Unix ms: from then on it would be believed. Nil if there are none.
    package private(set) var earliestMs: Int64?

    package init() {}

    mutating func add(atMs: Int64) {
        count += 1
        earliestMs = min(earliestMs ?? atMs, atMs)
    }
}
