// Who asks and what is touched: rows of the events that training set aside, or an invented crowd.

package import Models
package import Stores

/// A user touching an item in some way.
package struct PopulationRow: Hashable, Sendable {
    package let user: UserID
    package let item: ItemID
    /// The event's type, such as `view`.
    package let type: String

    package init(user: UserID, item: ItemID, type: String) {
        self.user = user
        self.item = item
        self.type = type
    }
}

/// The rows that arrivals are drawn from, each as likely as the next.
package struct Population: Sendable {
    /// More are not kept: a sample of them is.
    package static let rowsMax = 200_000

    /// At least one.
    package let rows: [PopulationRow]
    /// Where they come from, for the report.
    package let source: String

    /// The row of an arrival.
    func row(_ pick: UInt32) -> PopulationRow { rows[Int((UInt64(pick) * UInt64(rows.count)) >> 32)] }

    /// An invented crowd: users `1` to `users`, each as likely; items `1` to `items`, the low numbers more likely;
    /// types as often as at RetailRocket.
    package static func generated(users: Int, items: Int, seed: UInt64) -> Population {
        var random = SplitMix64(seed: seed ^ 0x5057_4C54)
        let count = min(rowsMax, max(users, items) * 10)
        let rows = (0..<count).compactMap { _ -> PopulationRow? in
            let (kind, skew) = (random.unit(), random.unit())
            let type = kind < 0.966 ? EventTypes.view : kind < 0.992 ? "addtocart" : "transaction"
            guard let user = UserID("\(random.below(users) + 1)"),
                let item = ItemID("\(Int(skew * skew * Double(items)) + 1)")
            else { return nil }
            return PopulationRow(user: user, item: item, type: type)
        }
        return Population(rows: rows, source: "\(users) invented users and \(items) items")
    }

    /// A sample of the events that `freshet train prepare-data` set aside, the same for the same seed; nil if there are
    /// none.
    package static func lastEvents(_ store: PreparedDataStore, seed: UInt64) async throws -> Population? {
        guard let manifest = try await store.manifest() else { return nil }
        var reader = PopulationReader(rowsMax: rowsMax, seed: seed)
        try await store.read(.lastEvents, of: manifest) { chunk in try reader.feed(chunk) }
        try reader.finish()
        guard !reader.rows.isEmpty else { return nil }
        return Population(
            rows: reader.rows,
            source: "\(reader.rows.count) of \(reader.rowCount) events set aside by preparation \(manifest.preparation)"
        )
    }
}

/// Keeps an even sample of the rows that pass (Vitter's algorithm R).
struct PopulationReader {
    private static let header = ["timestamp", "user_id", "event", "item_id"]

    private let rowsMax: Int
    private var random: SplitMix64
    private var lines = LineSplitter()
    private(set) var rows: [PopulationRow] = []
    private(set) var rowCount = 0

    init(rowsMax: Int, seed: UInt64) {
        self.rowsMax = rowsMax
        random = SplitMix64(seed: seed)
    }

    mutating func feed(_ chunk: [UInt8]) throws {
        var found: [(line: String, number: Int)] = []
        try lines.feed(chunk) { line, number in found.append((Self.text(line), number)) }
        for (line, number) in found { try take(line, number) }
    }

    mutating func finish() throws {
        var found: [(line: String, number: Int)] = []
        try lines.finish { line, number in found.append((Self.text(line), number)) }
        for (line, number) in found { try take(line, number) }
    }

    private mutating func take(_ line: String, _ number: Int) throws(WorkloadError) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        if number == 1 {
            guard fields.map(String.init) == Self.header else {
                throw WorkloadError("the events set aside do not begin with \(Self.header.joined(separator: ","))")
            }
            return
        }
        guard fields.count == Self.header.count, let user = UserID(fields[1]), let item = ItemID(fields[3]),
            IdentifierRule.accepts(fields[2].utf8)
        else {
            throw WorkloadError("line \(number) of the events set aside cannot be read; prepare the data again")
        }
        rowCount += 1
        let row = PopulationRow(user: user, item: item, type: String(fields[2]))
        if rows.count < rowsMax { return rows.append(row) }
        let place = random.below(rowCount)
        if place < rowsMax { rows[place] = row }
    }

    private static func text(_ line: Span<UInt8>) -> String {
        String(decoding: line.indices.map { line[$0] }, as: UTF8.self)
    }
}
