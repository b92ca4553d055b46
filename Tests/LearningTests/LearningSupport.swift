// Builds training data out of text, and small random shops for comparison by brute force.

import Learning
import Models

/// An interaction as tests write it.
struct Interaction: Hashable {
    var user: String
    var item: String
    var type = "view"
    var timestampMs: Int64

    init(_ user: String, _ item: String, _ type: String = "view", minute: Int) {
        self.user = user
        self.item = item
        self.type = type
        timestampMs = 1_700_000_000_000 + Int64(minute) * 60_000
    }

    /// The weight of the standard types.
    var weight: Double { EventTypes.standard.weight(of: type) }
}

/// What a parser hands over for one text, cut into chunks of a size.
func parsed(_ text: String, chunkBytes: Int = 65_536) throws -> (events: [Interaction], report: RowReport) {
    try parsed(Array(text.utf8), chunkBytes: chunkBytes)
}

func parsed(_ bytes: [UInt8], chunkBytes: Int = 65_536) throws -> (events: [Interaction], report: RowReport) {
    let names = EventTypes.standard.orderedNames
    var events: [Interaction] = []
    let take = { (row: EventRow) in
        var event = Interaction(row.userText, row.itemText, names[Int(row.type)], minute: 0)
        event.timestampMs = row.timestampMs
        events.append(event)
    }
    var parser = EventLogParser(file: "events.csv", types: .standard)
    for start in stride(from: 0, to: bytes.count, by: chunkBytes) {
        try parser.read(Array(bytes[start..<min(start + chunkBytes, bytes.count)]), event: take)
    }
    let report = try parser.finish(event: take)
    return (events, report)
}

/// Training data of interactions and of the two other files' texts.
func trainingData(
    _ interactions: [Interaction], properties: String = "timestamp,itemid,property,value\n",
    tree: String = "categoryid,parentid\n", latestMs: Int64 = .max
) throws -> TrainingData {
    var builder = TrainingDataBuilder(types: .standard, latestMs: latestMs)
    let rows = interactions.map { "\($0.timestampMs),\($0.user),\($0.type),\($0.item),\n" }.joined()
    if !interactions.isEmpty {
        var log = EventLogParser(file: "events.csv", types: .standard)
        try log.read(Array("timestamp,visitorid,event,itemid,transactionid\n\(rows)".utf8)) { builder.add($0) }
        _ = try log.finish { builder.add($0) }
    }
    var items = ItemPropertyParser(file: "item_properties.csv")
    try items.read(Array(properties.utf8)) { builder.add($0) }
    _ = try items.finish { builder.add($0) }
    var categories = CategoryTreeParser(file: "category_tree.csv")
    try categories.read(Array(tree.utf8)) { builder.add($0) }
    _ = try categories.finish { builder.add($0) }
    return builder.build()
}

/// Property rows that take items out of sale.
func unavailable(_ items: [String]) -> String {
    "timestamp,itemid,property,value\n" + items.map { "1700000000000,\($0),available,0\n" }.joined()
}

/// A small shop with repeats, sessions, all event types and a crawler, from a seed.
func randomInteractions(seed: UInt64, users: Int = 30, items: Int = 25, events: Int = 600) -> [Interaction] {
    var state = seed
    func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
    let types = ["view", "view", "view", "addtocart", "transaction"]
    var interactions: Set<Interaction> = []
    while interactions.count < events {
        // The first user has a quarter of everything.
        let user = next(4) == 0 ? 0 : next(users)
        let item = next(items)
        interactions.insert(Interaction("u\(user)", "i\(item)", types[next(types.count)], minute: next(20_000)))
    }
    return interactions.sorted {
        ($0.timestampMs, $0.user, $0.item, $0.type) < ($1.timestampMs, $1.user, $1.item, $1.type)
    }
}

extension ItemCatalogue {
    /// A list by names, scores as text.
    func readable(_ list: some Sequence<RankedItem>) -> [String] {
        list.map { entry in
            var bytes: [UInt8] = []
            ScoreText.append(entry.score, to: &bytes)
            return "\(items.text(at: Int(entry.item))):\(String(decoding: bytes, as: UTF8.self))"
        }
    }
}

extension SimilarItems {
    /// Lists by a worker that has just started.
    func lists(for range: Range<Int>) -> RankedLists {
        var scratch = makeScratch()
        return lists(for: range, &scratch)
    }
}

extension OfflineLists {
    /// All lists, by one worker.
    func forEachList(_ body: (_ user: Int, _ list: ArraySlice<RankedItem>) -> Void) {
        var scratch = makeScratch()
        forEachList(of: 0..<userCount, &scratch, body)
    }
}
