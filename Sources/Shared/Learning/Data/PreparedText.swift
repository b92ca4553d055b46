// Cleaned data as text, in the columns that the parsers of this module read: what is written once is read back by
// every later step without looking at the sources again.

package import Models

/// Appends rows to files of prepared data.
package struct PreparedText: Sendable {
    /// The first line of `events.csv` and `last_events.csv`.
    package static let eventsHeader = "timestamp,user_id,event,item_id\n"
    /// The first line of `items.csv`.
    package static let itemsHeader = "item_id,available,categories\n"
    /// The first line of `item_properties.csv`.
    package static let propertiesHeader = "timestamp,itemid,property,value\n"
    /// The first line of `category_tree.csv`.
    package static let categoriesHeader = "categoryid,parentid\n"

    private let data: TrainingData
    private let cleaning: EventCleaning
    private let typeNames: [[UInt8]]
    private let numericProperty: [UInt8]

    /// `types` and `numericProperty` must be those that the sources were parsed with.
    package init(_ data: TrainingData, cleaning: EventCleaning, types: EventTypes, numericProperty: String?) {
        self.data = data
        self.cleaning = cleaning
        typeNames = types.orderedNames.map { Array($0.utf8) }
        self.numericProperty = Array((numericProperty ?? "").utf8)
    }

    /// Appends a range of users' events that have a fate, a user's in the order of time; returns how many.
    package func appendEvents(ofUsers users: Range<Int>, _ fate: EventFate, to text: inout [UInt8]) -> Int {
        let table = data.interactions
        var rows = 0
        for user in users {
            for row in table.rows(ofUser: user) where cleaning.fate(ofRow: row, user: user, in: table) == fate {
                append(table.timesMs[row], to: &text)
                text.append(Self.comma)
                text.append(contentsOf: table.users.utf8(at: user))
                text.append(Self.comma)
                text.append(contentsOf: typeNames[Int(table.types[row])])
                text.append(Self.comma)
                text.append(contentsOf: data.catalogue.items.utf8(at: Int(table.items[row])))
                text.append(Self.lineBreak)
                rows += 1
            }
        }
        return rows
    }

    /// Appends what is known last of a range of items that stay; returns how many they are.
    package func appendItems(_ items: Range<Int>, to text: inout [UInt8]) -> Int {
        let catalogue = data.catalogue
        var rows = 0
        for item in items where cleaning.isKept(item: item) {
            text.append(contentsOf: catalogue.items.utf8(at: item))
            text.append(contentsOf: catalogue.isAvailable(item) ? ",1,".utf8 : ",0,".utf8)
            for (place, category) in catalogue.categoryPath(of: item).enumerated() {
                if place > 0 { text.append(UInt8(ascii: " ")) }
                text.append(contentsOf: catalogue.forest.categories.utf8(at: category))
            }
            text.append(Self.lineBreak)
            rows += 1
        }
        return rows
    }

    /// Appends every change that is known of a range of items that stay; returns how many they are.
    package func appendProperties(ofItems items: Range<Int>, to text: inout [UInt8]) -> Int {
        let history = data.history
        var rows = 0
        for item in items where cleaning.isKept(item: item) {
            for change in history.categories.changes(of: item) {
                append(change.timestampMs, item, "categoryid".utf8, to: &text)
                text.append(contentsOf: data.catalogue.forest.categories.utf8(at: Int(change.value)))
                text.append(Self.lineBreak)
                rows += 1
            }
            for change in history.availability.changes(of: item) {
                append(change.timestampMs, item, "available".utf8, to: &text)
                text.append(contentsOf: change.value == 1 ? "1\n".utf8 : "0\n".utf8)
                rows += 1
            }
            for change in history.numbers.changes(of: item) {
                append(change.timestampMs, item, numericProperty, to: &text)
                // The shortest text that reads back as the same number.
                text.append(contentsOf: "\(Float(bitPattern: UInt32(bitPattern: change.value)))\n".utf8)
                rows += 1
            }
        }
        return rows
    }

    /// Appends the categories that the tree lists, as a forest; returns how many they are.
    package func appendCategories(to text: inout [UInt8]) -> Int {
        let forest = data.catalogue.forest
        for category in 0..<forest.categories.count where forest.isListed(category) {
            text.append(contentsOf: forest.categories.utf8(at: category))
            text.append(Self.comma)
            if let parent = forest.parent(of: category) {
                text.append(contentsOf: forest.categories.utf8(at: parent))
            }
            text.append(Self.lineBreak)
        }
        return forest.listedCount
    }

    private static let comma = UInt8(ascii: ",")
    private static let lineBreak = UInt8(ascii: "\n")

    private func append(
        _ timestampMs: Int64, _ item: Int, _ property: some Sequence<UInt8>, to text: inout [UInt8]
    ) {
        append(timestampMs, to: &text)
        text.append(Self.comma)
        text.append(contentsOf: data.catalogue.items.utf8(at: item))
        text.append(Self.comma)
        text.append(contentsOf: property)
        text.append(Self.comma)
    }

    private func append(_ timestampMs: Int64, to text: inout [UInt8]) {
        text.append(contentsOf: String(timestampMs).utf8)
    }
}
