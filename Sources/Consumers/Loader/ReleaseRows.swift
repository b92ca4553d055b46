// From the rows of a release file to the lists of a generation. Rows of one list stand together; a new first column
// completes the list before it.

import Models
import Stores

/// Assembles lists out of the lines of one release file.
struct ReleaseRows {
    /// The longest list of one user or item; the catalogue's popular list may be longer.
    static let listCountMax = 10_000

    private let list: ReleaseList
    private let unavailable: Set<ItemID>
    /// Where the list's columns stand in a line, in the order of `columnNames`.
    private var columns: [Int] = []
    private var group: String?
    private var items: [ScoredItem] = []
    /// Groups that were complete before: one that comes again would overwrite its first part.
    private var finishedGroups: Set<String> = []

    /// Rows below the header so far.
    private(set) var rowCount = 0
    /// Lists so far, those included that are not complete yet.
    private(set) var listCount = 0
    /// Items left out because they are not available, or because they were similar to themselves.
    private(set) var leftOutCount = 0
    /// Complete lists of which nothing was left, and which are therefore not written.
    private(set) var emptyCount = 0

    init(list: ReleaseList, unavailable: Set<ItemID>) {
        self.list = list
        self.unavailable = unavailable
    }

    private var columnNames: [String] {
        switch list {
        case .offline: ["user_id", "item_id", "score"]
        case .similar: ["item_id", "similar_item_id", "score"]
        case .popular: ["category", "item_id", "score"]
        case .items: ["item_id", "available", "categories"]
        }
    }

    /// Takes one line; the list that it completes, if it does.
    mutating func take(_ line: Span<UInt8>, number: Int) throws -> GenerationList? {
        if columns.isEmpty {
            try readHeader(line)
            return nil
        }
        guard !line.isEmpty else { return nil }
        let fields = Self.fields(of: line, columns)
        guard fields.count == columns.count else {
            throw ReleaseFault("line \(number) has too few columns; expected are \(columnNames.joined(separator: ","))")
        }
        rowCount += 1
        return list == .items
            ? try catalogueItem(fields, number: number) : try scoredRow(fields, number: number)
    }

    /// The list that was under way at the end of the file.
    mutating func finish() throws -> GenerationList? {
        guard !columns.isEmpty else {
            throw ReleaseFault("the file is empty; it must begin with \(columnNames.joined(separator: ","))")
        }
        return complete()
    }

    private mutating func readHeader(_ line: Span<UInt8>) throws {
        let header = Self.text(line).split(separator: ",", omittingEmptySubsequences: false).map { name in
            String(name.drop { $0 == "\u{FEFF}" || $0 == "\"" }.prefix { $0 != "\"" })
        }
        columns = try columnNames.map { name in
            guard let index = header.firstIndex(of: name) else {
                throw ReleaseFault(
                    "the header has no column \(name); expected are \(columnNames.joined(separator: ","))")
            }
            return index
        }
    }

    private mutating func catalogueItem(_ fields: [String], number: Int) throws -> GenerationList? {
        guard let item = ItemID(fields[0]) else { throw Self.badIdentifier(fields[0], "item_id", number) }
        let isAvailable: Bool
        switch fields[1] {
        case "1", "true", "True": isAvailable = true
        case "0", "false", "False": isAvailable = false
        default: throw ReleaseFault("line \(number): available is \"\(fields[1])\"; it must be 0 or 1")
        }
        let categories = fields[2].split(separator: " ").map(String.init)
        guard categories.allSatisfy({ IdentifierRule.accepts($0.utf8) }) else {
            throw Self.badIdentifier(fields[2], "categories", number)
        }
        listCount += 1
        return .item(item, CatalogueItem(isAvailable: isAvailable, categories: categories))
    }

    private mutating func scoredRow(_ fields: [String], number: Int) throws -> GenerationList? {
        guard let item = ItemID(fields[1]) else { throw Self.badIdentifier(fields[1], columnNames[1], number) }
        guard let score = Float(fields[2]), score.isFinite else {
            throw ReleaseFault("line \(number): score is \"\(fields[2])\"; it must be a number")
        }
        var completed: GenerationList?
        if fields[0] != group {
            completed = complete()
            let isCatalogue = list == .popular && fields[0].isEmpty
            guard isCatalogue || IdentifierRule.accepts(fields[0].utf8) else {
                throw Self.badIdentifier(fields[0], columnNames[0], number)
            }
            guard finishedGroups.insert(fields[0]).inserted else {
                throw ReleaseFault(
                    "line \(number): the rows of \(columnNames[0]) \"\(fields[0])\" do not stand together; sort the file by it"
                )
            }
            group = fields[0]
            listCount += 1
        }
        let isItself = list == .similar && fields[0] == fields[1]
        if isItself || unavailable.contains(item) {
            leftOutCount += 1
        } else if items.count < Self.listCountMax {
            items.append(ScoredItem(item: item, score: score))
        }
        return completed
    }

    /// The list under way, unless nothing is left of it.
    private mutating func complete() -> GenerationList? {
        defer { items.removeAll(keepingCapacity: true) }
        guard let group else { return nil }
        guard !items.isEmpty else {
            emptyCount += 1
            return nil
        }
        switch list {
        case .offline: return UserID(group).map { .offline($0, items) }
        case .similar: return ItemID(group).map { .similar($0, items) }
        case .popular: return .popular(category: group.isEmpty ? nil : group, items)
        case .items: return nil
        }
    }

    /// The texts of the wanted columns, without the quotes that some writers put around them; fewer if the line is short.
    private static func fields(of line: Span<UInt8>, _ columns: [Int]) -> [String] {
        var starts = [0]
        for index in line.indices where line[index] == UInt8(ascii: ",") { starts.append(index + 1) }
        var fields: [String] = []
        fields.reserveCapacity(columns.count)
        for column in columns {
            guard column < starts.count else { break }
            var start = starts[column]
            var end = column + 1 < starts.count ? starts[column + 1] - 1 : line.count
            if end - start >= 2, line[start] == UInt8(ascii: "\""), line[end - 1] == UInt8(ascii: "\"") {
                start += 1
                end -= 1
            }
            fields.append(text(line.extracting(start..<end)))
        }
        return fields
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        unsafe bytes.withUnsafeBufferPointer { buffer in unsafe String(decoding: buffer, as: UTF8.self) }
    }

    private static func badIdentifier(_ text: String, _ column: String, _ number: Int) -> ReleaseFault {
        ReleaseFault("line \(number): \(column) is \"\(text.prefix(80))\"; it must be \(IdentifierRule.description)")
    }
}
