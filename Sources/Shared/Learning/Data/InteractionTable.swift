// All interactions in memory, thirteen bytes each: grouped by user, in time order within a user, duplicates out.

/// Interactions by user. Users, items and types are indexes; items in bytewise order of their names.
package struct InteractionTable: Sendable {
    /// The users' names, in the order in which the log first names them.
    package let users: IdentifierTable
    /// Weight by type index.
    package let typeWeights: [Double]
    /// How many items the indexes run over.
    package let itemCount: Int
    /// Interactions that repeated another's user, item, type and time, and were dropped.
    package let duplicates: Int
    /// Interactions later than the latest allowed time, which were dropped.
    package let lateRows: LateRows
    /// When the newest interaction happened, Unix ms; nil if there is none.
    package let newestMs: Int64?
    /// When the oldest one happened, Unix ms; nil if there is none.
    package let oldestMs: Int64?

    let items: [UInt32]
    let types: [UInt8]
    let timesMs: [Int64]
    /// Where each user's interactions start; one more entry than there are users.
    let starts: [Int]

    /// How many interactions there are.
    package var count: Int { items.count }

    /// How many interactions were later than the latest allowed time, and were dropped.
    package var tooLate: Int { lateRows.count }

    /// Where a user's interactions are, the oldest first.
    func rows(ofUser user: Int) -> Range<Int> { starts[user]..<starts[user + 1] }

    /// The weight of an interaction.
    func weight(at row: Int) -> Double { typeWeights[Int(types[row])] }
}
