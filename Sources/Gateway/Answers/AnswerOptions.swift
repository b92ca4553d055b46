// What a request may say about its answer, wherever it says so: in the query or in a JSON body. All limits stand here.

import Models
import Ranking
import WebService

/// The limits of requests.
enum RequestLimits {
    /// Places in an answer.
    static let count = 1...500
    /// Places in an answer whose request names no number.
    static let countDefault = 100
    /// Latest touches that count.
    static let itemsLatest = 1...100
    /// Items that one request can leave out.
    static let excludedMax = 1000
    /// How long a request may wait for its event, in milliseconds.
    static let waitMs = 0...10_000
    /// Users in one batch.
    static let usersMax = 100
    /// Items of an anonymous session.
    static let sessionItemsMax = 1000
    /// Items in one request to hide or show.
    static let hiddenItemsMax = 1000
    /// Users of one batch that are read at the same time.
    static let batchConcurrency = 16
}

/// How an answer is to be made.
struct AnswerOptions: Sendable {
    /// The names of these options in a query or a body.
    static let names = ["k", "exclude", "category", "n_last", "blend", "explain"]

    /// Places wanted.
    var count = RequestLimits.countDefault
    /// Items that the request leaves out.
    var excluded: [ItemID] = []
    /// Only items of this category; nil for all.
    var category: String?
    /// How many of the latest distinct touched items count.
    var itemsLatest: Int
    /// The blend.
    var blend: Blend
    /// Whether every place says why it is there.
    var isExplained = false
    /// Whether popular items fill up what the lists leave empty.
    var isFilledUp = true

    /// What the settings say, for a number of places.
    init(count: Int, defaults: BlendDefaults) {
        self.count = count
        itemsLatest = defaults.itemsLatest
        blend = defaults.blend
    }

    /// Reads a query.
    init(_ query: QueryReader, defaults: BlendDefaults) throws(Problem) {
        count = try query.integer("k", in: RequestLimits.count, default: RequestLimits.countDefault)
        excluded = try ItemWords.read(query.words("exclude", countMax: RequestLimits.excludedMax), field: "exclude")
        category = try CategoryName.checked(query.text("category"))
        itemsLatest = try query.integer("n_last", in: RequestLimits.itemsLatest, default: defaults.itemsLatest)
        blend = try query.choice("blend", default: defaults.blend)
        isExplained = try query.flag("explain")
    }

    /// Reads a JSON body.
    init(_ body: BodyReader, defaults: BlendDefaults) throws(Problem) {
        count = try body.integer("k", in: RequestLimits.count, default: RequestLimits.countDefault)
        excluded = try ItemWords.read(body.texts("exclude", countMax: RequestLimits.excludedMax), field: "exclude")
        category = try CategoryName.checked(body.text("category"))
        itemsLatest = try body.integer("n_last", in: RequestLimits.itemsLatest, default: defaults.itemsLatest)
        blend = try body.choice("blend", default: defaults.blend)
        isExplained = try body.flag("explain")
    }
}

/// What requests fall back on.
struct BlendDefaults: Sendable {
    let blend: Blend
    let itemsLatest: Int
}

/// The event that a reader has written and wants to see.
struct Freshness: Sendable {
    /// The names of these options in a query.
    static let names = ["after", "wait_ms"]

    /// The event's stream id.
    let after: StreamID
    /// How long to wait until it shows, in milliseconds.
    let waitMs: Int
}

extension Freshness {
    /// Reads a query; nil if it names no event.
    init?(_ query: QueryReader) throws(Problem) {
        let waitMs = try query.integer("wait_ms", in: RequestLimits.waitMs)
        guard let text = query.text("after") else {
            guard waitMs == nil else {
                throw .invalid("wait_ms", "needs after, the stream id to wait for")
            }
            return nil
        }
        guard let after = StreamID(text) else {
            throw .invalid("after", "must be a stream id such as 1700000000000-0, as the ingest service answers it")
        }
        self.init(after: after, waitMs: waitMs ?? 0)
    }
}

/// Item ids out of a request.
enum ItemWords {
    /// Every word as an item id.
    static func read(_ words: [some StringProtocol], field: String) throws(Problem) -> [ItemID] {
        var items: [ItemID] = []
        items.reserveCapacity(words.count)
        for word in words {
            guard let item = ItemID(word) else {
                throw .invalid(
                    field,
                    "holds at place \(items.count + 1) what is no item id: it must be \(IdentifierRule.description)")
            }
            items.append(item)
        }
        return items
    }
}

/// Category names become parts of key names, so their form is that of an identifier.
enum CategoryName {
    static func checked(_ text: String?) throws(Problem) -> String? {
        guard let text else { return nil }
        guard IdentifierRule.accepts(text.utf8) else {
            throw .invalid("category", "must be \(IdentifierRule.description)")
        }
        return text
    }
}
